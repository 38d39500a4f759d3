/// The objects that a pickle has made so far. They hold one another by number, so a circle of them is nothing special.
struct PickleHeap {
    private var objects: [PickleObject] = []
    /// What each object holds: a container its values, a dictionary keys and values by turns, and any other nothing.
    private var items: [[PickleValue]] = []
    /// The tensors and storages that were described, in order.
    private var tensors: [PickledTensor] = []
    private(set) var storages: [PickledStorage] = []
    /// Values that containers and shapes hold, for the limit.
    private var itemCount = 0

    /// Why a pickle asks for too much.
    struct Full: Error {
        let what: String
        let limit: Int
    }

    /// The object that a value is; nil for a plain value.
    func object(_ value: PickleValue) -> PickleObject? {
        if case .object(let number) = value { objects[Int(number)] } else { nil }
    }

    /// The values of a list, tuple or set; nil for anything else.
    func sequence(_ value: PickleValue) -> [PickleValue]? {
        guard case .object(let number) = value, case .sequence = objects[Int(number)] else { return nil }
        return items[Int(number)]
    }

    /// The keys and values of a dictionary by turns; nil for anything else.
    func dictionary(_ value: PickleValue) -> [PickleValue]? {
        guard case .object(let number) = value, case .dictionary = objects[Int(number)] else { return nil }
        return items[Int(number)]
    }

    /// The tensor that a value is; nil for anything else.
    func tensor(_ value: PickleValue) -> PickledTensor? {
        if case .tensor(let number)? = object(value) { tensors[Int(number)] } else { nil }
    }

    /// The storage that a value is, by its number in ``storages``; nil for anything else.
    func storage(_ value: PickleValue) -> Int32? {
        if case .storage(let number)? = object(value) { number } else { nil }
    }

    /// Keeps an object and what it holds.
    mutating func add(
        _ object: PickleObject, holding values: [PickleValue] = []
    ) throws(Full) -> PickleValue {
        guard objects.count < Limits.pickleObjects else { throw Full(what: "objects", limit: Limits.pickleObjects) }
        try count(values.count)
        objects.append(object)
        items.append(values)
        return .object(Int32(objects.count - 1))
    }

    /// Keeps a tensor.
    mutating func add(_ tensor: PickledTensor) throws(Full) -> PickleValue {
        try count(tensor.shape.count + tensor.strides.count)
        tensors.append(tensor)
        return try add(.tensor(Int32(tensors.count - 1)))
    }

    /// Keeps a storage.
    mutating func add(_ storage: PickledStorage) throws(Full) -> PickleValue {
        storages.append(storage)
        return try add(.storage(Int32(storages.count - 1)))
    }

    /// Puts values into a list or set, or keys and values by turns into a dictionary. What is neither drops them.
    mutating func append(_ values: [PickleValue], to value: PickleValue) throws(Full) {
        guard case .object(let number) = value else { return }
        switch objects[Int(number)] {
        case .sequence, .dictionary: break
        default: return
        }
        try count(values.count)
        items[Int(number)] += values
    }

    private mutating func count(_ values: Int) throws(Full) {
        itemCount += values
        guard itemCount <= Limits.pickleItems else { throw Full(what: "values", limit: Limits.pickleItems) }
    }
}
