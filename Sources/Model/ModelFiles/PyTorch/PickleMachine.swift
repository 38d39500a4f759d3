/// Reads pickles into a ``PickleHeap``. It makes lists, dictionaries and descriptions of tensors; it knows no other
/// class or function, calls nothing and loads nothing, so a pickle cannot make it do anything.
struct PickleMachine {
    private(set) var heap = PickleHeap()
    private(set) var input: PickleInput
    private var stack = PickleStack()

    /// Will read the pickle that starts at the start of `input`.
    init(_ input: PickleInput) { self.input = input }

    /// Reads up to the end of the pickle and returns its value; may be called again for a pickle that follows. Throws
    /// ``ModelFileError/invalidPickle(file:offset:reason:)`` and ``ModelFileError/tooMany(file:what:limit:)``.
    mutating func run() throws(ModelFileError) -> PickleValue {
        stack = PickleStack()
        while true {
            let code = try input.byte()
            guard let opcode = PickleOpcode(rawValue: code) else {
                throw input.failure("code \(code) is none of those that pickles of tensors are made of")
            }
            do {
                if opcode == .stop { return try stack.pop() }
                try execute(opcode)
            } catch let error as PickleStack.Fault {
                throw input.failure(error.reason)
            } catch let error as PickleHeap.Full {
                throw .tooMany(file: input.file.path, what: "\(error.what) in the pickle", limit: error.limit)
            } catch let error as ModelFileError {
                throw error
            } catch {
                throw input.failure("\(error)")
            }
        }
    }

    private mutating func execute(_ opcode: PickleOpcode) throws {
        switch opcode {
        case .proto:
            let version = try input.byte()
            guard version <= 5 else { throw input.failure("protocol \(version) is not known") }
        case .frame: _ = try input.integer(UInt64.self)
        case .mark: try stack.mark()
        case .pop: try stack.popValueOrMark()
        case .popMark: _ = try stack.popToMark()
        case .dup: try stack.push(try stack.top())
        case .binGet: try stack.recall(Int(try input.byte()))
        case .longBinGet: try stack.recall(Int(try input.integer(UInt32.self)))
        case .binPut: try stack.remember(under: Int(try input.byte()))
        case .longBinPut: try stack.remember(under: Int(try input.integer(UInt32.self)))
        case .memoize: try stack.remember()
        case .emptyTuple, .emptyList, .emptyDict, .emptySet, .tuple, .tuple1, .tuple2, .tuple3, .list, .dict,
            .frozenSet, .append, .appends, .setItem, .setItems, .addItems:
            try executeContainer(opcode)
        case .global, .stackGlobal, .reduce, .build, .newObj, .newObjEx, .obj, .inst, .binPersID, .persID:
            try executeClass(opcode)
        default: try stack.push(try readValue(opcode))
        }
    }

    private mutating func readValue(_ opcode: PickleOpcode) throws(ModelFileError) -> PickleValue {
        switch opcode {
        case .newTrue: .bool(true)
        case .newFalse: .bool(false)
        case .binInt: .integer(Int(try input.integer(Int32.self)))
        case .binInt1: .integer(Int(try input.byte()))
        case .binInt2: .integer(Int(try input.integer(UInt16.self)))
        case .long1: try readLong(count: Int(try input.byte()))
        case .long4: try readLong(count: Int(try input.integer(Int32.self)))
        // The one number of the format that has its first byte first.
        case .binFloat: .float(Double(bitPattern: try input.integer(UInt64.self).byteSwapped))
        case .binUnicode: .text(try input.text(count: try input.integer(UInt32.self)))
        case .shortBinUnicode, .shortBinString: .text(try input.text(count: try input.byte()))
        case .binUnicode8: .text(try input.text(count: try input.integer(UInt64.self)))
        case .binString: .text(try input.text(count: try input.integer(Int32.self)))
        case .binBytes: .bytes(try input.text(count: try input.integer(UInt32.self)))
        case .shortBinBytes: .bytes(try input.text(count: try input.byte()))
        case .binBytes8, .byteArray8: .bytes(try input.text(count: try input.integer(UInt64.self)))
        default: .none
        }
    }

    /// Reads an integer in two's complement of so many bytes.
    private mutating func readLong(count: Int) throws(ModelFileError) -> PickleValue {
        let text = try input.text(count: count)
        guard count <= 8 else { return .longInteger(text) }
        var value: UInt64 = 0
        let bytes = input.bytes(of: text)
        for byte in bytes.reversed() { value = value << 8 | UInt64(byte) }
        let unused = UInt64.bitWidth - 8 * count
        guard count > 0 else { return .integer(0) }
        return .integer(Int(Int64(bitPattern: value << UInt64(unused)) >> Int64(unused)))
    }

    private mutating func executeContainer(_ opcode: PickleOpcode) throws {
        switch opcode {
        case .emptyTuple, .emptyList, .emptySet: try stack.push(try heap.add(.sequence))
        case .emptyDict: try stack.push(try heap.add(.dictionary))
        case .tuple, .list, .frozenSet:
            try stack.push(try heap.add(.sequence, holding: try stack.popToMark()))
        case .tuple1: try stack.push(try heap.add(.sequence, holding: try stack.pop(1)))
        case .tuple2: try stack.push(try heap.add(.sequence, holding: try stack.pop(2)))
        case .tuple3: try stack.push(try heap.add(.sequence, holding: try stack.pop(3)))
        case .dict:
            let items = try stack.popToMark()
            try checkPairs(items)
            try stack.push(try heap.add(.dictionary, holding: items))
        case .append: try heap.append(try stack.pop(1), to: try stack.top())
        case .appends, .addItems: try heap.append(try stack.popToMark(), to: try stack.top())
        case .setItem: try heap.append(try stack.pop(2), to: try stack.top())
        case .setItems:
            let items = try stack.popToMark()
            try checkPairs(items)
            try heap.append(items, to: try stack.top())
        default: break
        }
    }

    private func checkPairs(_ items: [PickleValue]) throws(ModelFileError) {
        guard items.count % 2 == 0 else { throw input.failure("a key without a value") }
    }
}

// MARK: Classes and functions

extension PickleMachine {
    private mutating func executeClass(_ opcode: PickleOpcode) throws {
        switch opcode {
        case .global: try stack.push(try makeGlobal(try readGlobalName()))
        case .stackGlobal:
            guard case .text(let name) = try stack.pop(), case .text(let module) = try stack.pop() else {
                throw input.failure("a class whose name is no text")
            }
            try stack.push(try makeGlobal(GlobalName(module: module, name: name)))
        case .reduce, .newObj:
            let arguments = try stack.pop()
            try stack.push(try heap.call(try stack.pop(), heap.sequence(arguments) ?? []))
        case .newObjEx:
            _ = try stack.pop()
            let arguments = try stack.pop()
            try stack.push(try heap.call(try stack.pop(), heap.sequence(arguments) ?? []))
        case .obj:
            let values = try stack.popToMark()
            guard let callable = values.first else { throw input.failure("an object without a class") }
            try stack.push(try heap.call(callable, Array(values.dropFirst())))
        case .inst:
            let callable = try makeGlobal(try readGlobalName())
            try stack.push(try heap.call(callable, try stack.popToMark()))
        // The attributes of an object: none of those that are known has any that matters.
        case .build: _ = try stack.pop()
        case .binPersID: try stack.push(try makeStorage(try stack.pop()))
        case .persID:
            _ = try input.line()
            try stack.push(.none)
        default: break
        }
    }

    private mutating func readGlobalName() throws(ModelFileError) -> GlobalName {
        let module = try input.line()
        return GlobalName(module: module, name: try input.line())
    }

    private mutating func makeGlobal(_ name: GlobalName) throws -> PickleValue {
        guard let module = input.string(name.module), let text = input.string(name.name),
            let known = KnownGlobal(module: module, name: text)
        else { return try heap.add(.global(name)) }
        return try heap.add(.known(known, name: name))
    }

    /// What a persistent id describes. For a storage: "storage", its class, its key, the device it was on, its elements,
    /// and in old files the part that it sees of another. Old files write a class of a program likewise.
    private mutating func makeStorage(_ identifier: PickleValue) throws -> PickleValue {
        guard let fields = heap.sequence(identifier), fields.count >= 2, case .text(let kind) = fields[0] else {
            throw input.failure("it refers to what is no storage of a tensor")
        }
        if input.string(kind) == "module" { return fields[1] }
        if case .global(let name)? = heap.object(fields[1]) { return try heap.add(.inert(madeBy: name)) }
        guard input.string(kind) == "storage", fields.count >= 5,
            case .known(.storage(let type), let name)? = heap.object(fields[1]), case .text(let key) = fields[2],
            case .integer(let elementCount) = fields[4]
        else { throw input.failure("it refers to what is no storage of a tensor") }
        let view = try fields.count > 5 ? readView(fields[5]) : nil
        let storage = PickledStorage(key: key, type: type, name: name, elementCount: elementCount, view: view)
        return try heap.add(storage)
    }

    /// The elements that a view sees of its storage; nil where it is none.
    private func readView(_ value: PickleValue) throws(ModelFileError) -> Range<Int>? {
        guard let part = heap.sequence(value) else { return nil }
        guard part.count == 3, case .integer(let start) = part[1], case .integer(let count) = part[2], start >= 0,
            count >= 0, case (let end, false) = start.addingReportingOverflow(count)
        else { throw input.failure("a part of a storage without start and size") }
        return start..<end
    }
}
