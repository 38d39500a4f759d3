/// A checkpoint as `torch.save` wrote it before PyTorch 1.6, and still does where it is told to: a pickle with a number
/// that names the format, one with its version, one that describes the machine, one with what was saved, and one with
/// the keys of the storages; then the storages in that order, each with its count of elements in 8 bytes before it.
struct TorchLegacyFile {
    let heap: PickleHeap
    let input: PickleInput
    /// What was saved.
    let root: PickleValue
    private let ranges: [String: Range<Int>]

    /// 0x1950a86a20f9469cfc6c, which the first pickle holds.
    private static let magic: [UInt8] = [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]
    private static let version = 1001

    /// Reads the pickles of `file`, which is mapped as `map`. Throws ``ModelFileError``.
    init(_ file: borrowing ReadOnlyFile, map: MappedFile) throws(ModelFileError) {
        var start = 0
        func next() throws(ModelFileError) -> (PickleMachine, PickleValue) {
            var machine = PickleMachine(PickleInput(file: map, range: start..<map.identity.byteCount))
            let value = try machine.run()
            start = machine.input.end
            return (machine, value)
        }
        let (first, number) = try next()
        guard case .longInteger(let magic) = number, first.input.bytes(of: magic, atMost: 16) == Self.magic else {
            throw .pyTorch(
                file: map.path, tensor: nil,
                reason: "a pickle, but not one that torch.save wrote; save the model's state_dict() with torch.save")
        }
        guard try next().1 == .integer(Self.version) else {
            throw .pyTorch(file: map.path, tensor: nil, reason: "an unknown version of PyTorch's format")
        }
        let (machine, system) = try next()
        try Self.check(system, machine, map)
        let (content, root) = try next()
        let (keyList, keys) = try next()
        guard let keys = keyList.heap.sequence(keys) else {
            throw .pyTorch(file: map.path, tensor: nil, reason: "it has no list of storages")
        }
        (heap, input, self.root) = (content.heap, content.input, root)
        let names = try Self.strings(keys, keyList.input)
        ranges = try Self.place(names, of: content, from: start, in: file)
    }

    /// Where the bytes of a storage lie. Throws ``ModelFileError/pyTorch(file:tensor:reason:)``.
    func range(ofStorage key: String) throws(ModelFileError) -> Range<Int> {
        guard let range = ranges[key] else {
            throw .pyTorch(
                file: input.file.path, tensor: nil, reason: "it has no storage \(quoted(key)), which it refers to")
        }
        return range
    }

    private static func check(
        _ system: PickleValue, _ machine: PickleMachine, _ map: MappedFile
    ) throws(ModelFileError) {
        guard let order = machine.heap.value("little_endian", of: system, machine.input) else {
            throw .pyTorch(file: map.path, tensor: nil, reason: "it does not say in which order its bytes are")
        }
        guard order == .bool(true) else {
            throw .pyTorch(
                file: map.path, tensor: nil, reason: "its numbers are big-endian; save it on a little-endian machine")
        }
    }

    private static func strings(_ values: [PickleValue], _ input: PickleInput) throws(ModelFileError) -> [String] {
        var strings: [String] = []
        for value in values {
            guard case .text(let text) = value, let string = input.string(text) else {
                throw input.failure("a storage's key that is no text")
            }
            strings.append(string)
        }
        return strings
    }

    /// The places of the storages, one after another from `start` on.
    private static func place(
        _ keys: [String], of content: PickleMachine, from start: Int, in file: borrowing ReadOnlyFile
    ) throws(ModelFileError) -> [String: Range<Int>] {
        var widths: [String: Int] = [:]
        for storage in content.heap.storages {
            if let key = content.input.string(storage.key) { widths[key] = storage.type.width }
        }
        var ranges: [String: Range<Int>] = [:]
        var start = start
        for key in keys {
            guard let width = widths[key] else {
                throw .pyTorch(
                    file: file.path, tensor: nil, reason: "nothing says of what type its storage \(quoted(key)) is")
            }
            guard file.byteCount - start >= 8 else { throw cutShort(file.path, key) }
            var header = LittleEndianReader(try file.read(at: start, count: 8))
            start += 8
            guard let count = header.integer(Int64.self), count >= 0,
                case (let byteCount, false) = Int(count).multipliedReportingOverflow(by: width),
                byteCount <= file.byteCount - start
            else { throw cutShort(file.path, key) }
            ranges[key] = start..<start + byteCount
            start += byteCount
        }
        return ranges
    }

    private static func cutShort(_ file: String, _ key: String) -> ModelFileError {
        .pyTorch(file: file, tensor: nil, reason: "it ends within storage \(quoted(key)); the file is cut short")
    }
}
