/// The tensors by name that a checkpoint holds, wherever training programs put them.
struct StateDictionary {
    /// What the file has under a name.
    struct Entry {
        let name: String
        let tensor: PickledTensor
    }

    let entries: [Entry]
    /// Names under which there is something else than a tensor or a plain value, and what made it.
    let objects: [String: GlobalName]

    /// Where the state dict lies if not at the top: Lightning, nanoGPT, DeepSpeed and others.
    private static let places = ["state_dict", "model", "module", "model_state_dict"]

    /// Finds it in the value of a pickle. Throws ``ModelFileError``.
    init(_ root: PickleValue, heap: PickleHeap, input: PickleInput) throws(ModelFileError) {
        let places = Self.places.compactMap { heap.value($0, of: root, input) } + [root]
        guard let found = places.first(where: { Self.holdsTensors($0, heap) }), let items = heap.dictionary(found)
        else {
            for place in places {
                guard case .inert(let maker)? = heap.object(place) else { continue }
                throw .pyTorch(
                    file: input.file.path, tensor: nil,
                    reason:
                        "it holds a program's object (\(quoted(input.string(maker)))); save its state_dict() instead")
            }
            throw .pyTorch(
                file: input.file.path, tensor: nil, reason: "it holds no tensors by name; save the model's state_dict()"
            )
        }
        (entries, objects) = try Self.read(items, heap, input)
    }

    private static func holdsTensors(_ value: PickleValue, _ heap: PickleHeap) -> Bool {
        guard let items = heap.dictionary(value) else { return false }
        return stride(from: 1, to: items.count, by: 2).contains { heap.tensor(items[$0]) != nil }
    }

    private static func read(
        _ items: [PickleValue], _ heap: PickleHeap, _ input: PickleInput
    ) throws(ModelFileError) -> (entries: [Entry], objects: [String: GlobalName]) {
        var entries: [Entry] = []
        var objects: [String: GlobalName] = [:]
        var names: Set<String> = []
        for index in stride(from: 0, to: items.count - 1, by: 2) {
            let (key, value) = (items[index], items[index + 1])
            let tensor = heap.tensor(value)
            var maker: GlobalName?
            if case .inert(let name)? = heap.object(value) { maker = name }
            guard tensor != nil || maker != nil else { continue }
            guard case .text(let text) = key, let name = input.string(text) else {
                throw .pyTorch(file: input.file.path, tensor: nil, reason: "a tensor has a name that is no text")
            }
            guard names.insert(name).inserted else {
                throw .duplicateTensor(tensor: name, file: input.file.path, other: input.file.path)
            }
            guard names.count <= Limits.tensors else {
                throw .tooMany(file: input.file.path, what: "tensors", limit: Limits.tensors)
            }
            if let tensor { entries.append(Entry(name: name, tensor: tensor)) }
            if let maker { objects[name] = maker }
        }
        return (entries, objects)
    }
}

extension PickleHeap {
    /// The value under that key of a dictionary, the last one where there are several; nil where there is none.
    func value(_ key: String, of value: PickleValue, _ input: PickleInput) -> PickleValue? {
        guard let items = dictionary(value) else { return nil }
        let index = stride(from: 0, to: items.count - 1, by: 2).reversed().first { index in
            guard case .text(let text) = items[index], text.count == key.utf8.count else { return false }
            return input.string(text) == key
        }
        return index.map { items[$0 + 1] }
    }
}
