extension PickleHeap {
    /// What a class or function makes of its arguments: what is needed for tensors, and else a value that does nothing.
    mutating func call(_ callable: PickleValue, _ arguments: [PickleValue]) throws(Full) -> PickleValue {
        switch object(callable) {
        case .known(let known, let name):
            if let made = try make(known, name, arguments) { return made }
            return try add(.inert(madeBy: name))
        case .global(let name): return try add(.inert(madeBy: name))
        // Something that was made can be called, as far as Python is concerned.
        case .inert: return callable
        default: return .none
        }
    }

    private mutating func make(
        _ known: KnownGlobal, _ name: GlobalName, _ arguments: [PickleValue]
    ) throws(Full) -> PickleValue? {
        switch known {
        case .dictionary: return try makeDictionary(arguments)
        case .rebuildTensor(let takesType): return try makeTensor(arguments, takesType: takesType)
        case .rebuildParameter:
            return arguments.first.flatMap { object($0) == nil ? nil : $0 }
        case .rebuildFromType:
            // The function, the class and the arguments; what comes then are attributes.
            guard arguments.count >= 3, case .known(let inner, _)? = object(arguments[0]), inner != .rebuildFromType,
                case .known(.tensorClass, _)? = object(arguments[1]), let innerArguments = sequence(arguments[2])
            else { return nil }
            return try make(inner, name, innerArguments)
        case .size: return arguments.first.flatMap { sequence($0) == nil ? nil : $0 }
        case .storage, .elementType, .tensorClass: return nil
        }
    }

    private mutating func makeDictionary(_ arguments: [PickleValue]) throws(Full) -> PickleValue? {
        let dictionary = try add(.dictionary)
        // Without values, or as Python 2 wrote it, with a list of pairs; one with a factory of values has none yet.
        guard let pairs = arguments.first.flatMap({ sequence($0) }) else { return dictionary }
        for pair in pairs {
            guard let pair = sequence(pair), pair.count == 2 else { return nil }
            try append(pair, to: dictionary)
        }
        return dictionary
    }

    private mutating func makeTensor(
        _ arguments: [PickleValue], takesType: Bool
    ) throws(Full) -> PickleValue? {
        guard arguments.count >= (takesType ? 7 : 4), let storage = storage(arguments[0]),
            case .integer(let offset) = arguments[1], let shape = integers(arguments[2]),
            let strides = integers(arguments[3]), shape.count == strides.count
        else { return nil }
        var type: ElementType?
        if takesType {
            guard case .known(.elementType(let named), _)? = object(arguments[6]) else { return nil }
            type = named
        }
        return try add(PickledTensor(storage: storage, type: type, offset: offset, shape: shape, strides: strides))
    }

    /// The integers of a tuple as short as shapes are; nil for anything else.
    private func integers(_ value: PickleValue) -> [Int]? {
        guard let values = sequence(value), values.count <= Limits.dimensions else { return nil }
        var integers: [Int] = []
        for value in values {
            guard case .integer(let integer) = value else { return nil }
            integers.append(integer)
        }
        return integers
    }
}
