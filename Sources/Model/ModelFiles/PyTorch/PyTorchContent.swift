/// What a pickle holds, and where the storages that it describes lie in the file.
struct PyTorchContent {
    let heap: PickleHeap
    let input: PickleInput
    /// The value that was saved.
    let root: PickleValue
    private let storages: Storages

    private enum Storages {
        case archive(TorchArchive)
        case legacy(TorchLegacyFile)
    }

    /// Reads the pickle of an archive. Throws ``ModelFileError``.
    init(_ archive: TorchArchive, _ map: MappedFile) throws(ModelFileError) {
        var machine = PickleMachine(PickleInput(file: map, range: archive.pickle))
        root = try machine.run()
        (heap, input) = (machine.heap, machine.input)
        storages = .archive(archive)
    }

    init(_ file: TorchLegacyFile) {
        (heap, input, root) = (file.heap, file.input, file.root)
        storages = .legacy(file)
    }

    /// Where a storage's bytes lie. Throws ``ModelFileError/pyTorch(file:tensor:reason:)``.
    func range(ofStorage key: String, in file: borrowing ReadOnlyFile) throws(ModelFileError) -> Range<Int> {
        switch storages {
        case .archive(let archive): try archive.range(ofStorage: key, in: file)
        case .legacy(let legacy): try legacy.range(ofStorage: key)
        }
    }

    /// The plain values of a dictionary under that key of the root, by name, no more than are usual; nil where there is
    /// none.
    func scalars(_ key: String) -> [String: PickleScalar]? {
        guard let dictionary = heap.value(key, of: root, input), let items = heap.dictionary(dictionary) else {
            return nil
        }
        var scalars: [String: PickleScalar] = [:]
        for index in stride(from: 0, to: min(items.count - 1, 2 * Limits.settings), by: 2) {
            guard case .text(let text) = items[index], let name = input.string(text) else { continue }
            scalars[name] = scalar(items[index + 1])
        }
        return scalars
    }

    private func scalar(_ value: PickleValue) -> PickleScalar? {
        switch value {
        case .none: PickleScalar.none
        case .bool(let bool): .bool(bool)
        case .integer(let integer): .integer(integer)
        case .float(let float): .float(float)
        case .text(let text): input.string(text).map { .text($0) }
        case .longInteger, .bytes, .object: nil
        }
    }
}
