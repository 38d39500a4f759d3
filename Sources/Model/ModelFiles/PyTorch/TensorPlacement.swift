/// Finds the bytes of the tensors that a pickle describes, and checks that they are there.
struct TensorPlacement {
    private(set) var tensors: [StoredTensor] = []
    /// Tensors of types that weights never have, by name, and why they are left out.
    private(set) var refused: [String: String] = [:]
    private let content: PyTorchContent
    /// The bytes of each storage used so far.
    private var ranges: [String: Range<Int>] = [:]
    /// What is said of the objects that some class or function made, each only once.
    private var reasons: [GlobalName: String] = [:]

    init(_ content: PyTorchContent) { self.content = content }

    private var path: String { content.input.file.path }

    /// Adds a tensor. Throws ``ModelFileError`` where it is not all in its storage, or that is not in the file.
    mutating func place(_ entry: StateDictionary.Entry, in source: borrowing ReadOnlyFile) throws(ModelFileError) {
        let storage = content.heap.storages[Int(entry.tensor.storage)]
        guard let type = entry.tensor.type ?? storage.type.elements else {
            refused[entry.name] = "elements of \(quoted(content.input.string(storage.name))), which are not read"
            return
        }
        let info = try TensorInfo(name: entry.name, type: type, shape: entry.tensor.shape, file: path)
        let bytes = try range(of: storage, for: entry.name, in: source)
        guard let elements = Self.elements(of: entry.tensor), let part = Self.part(elements, type, of: bytes) else {
            throw .pyTorch(file: path, tensor: entry.name, reason: "it does not lie in its storage")
        }
        let strides = Self.isContiguous(entry.tensor) ? nil : entry.tensor.strides
        tensors.append(StoredTensor(info: info, file: content.input.file, range: part, strides: strides))
    }

    /// Remembers under a tensor's name that it is no tensor but what a class or function of a program made.
    mutating func refuse(_ name: String, madeBy maker: GlobalName) {
        let reason = reasons[maker] ?? "made by \(quoted(content.input.string(maker))), which is not read"
        reasons[maker] = reason
        refused[name] = reason
    }

    /// Checks that no storage lies in another. Throws ``ModelFileError/pyTorch(file:tensor:reason:)``.
    func finish() throws(ModelFileError) {
        var end = 0
        for (key, range) in ranges.sorted(by: { $0.value.lowerBound < $1.value.lowerBound }) where !range.isEmpty {
            guard range.lowerBound >= end else {
                throw .pyTorch(file: path, tensor: nil, reason: "its storage \(quoted(key)) lies in another")
            }
            end = range.upperBound
        }
    }

    /// The bytes of a storage, or of the part of it that a view sees.
    private mutating func range(
        of storage: PickledStorage, for tensor: String, in source: borrowing ReadOnlyFile
    ) throws(ModelFileError) -> Range<Int> {
        guard let key = content.input.string(storage.key) else {
            throw .pyTorch(file: path, tensor: tensor, reason: "the key of its storage is no text")
        }
        let range: Range<Int>
        if let known = ranges[key] {
            range = known
        } else {
            range = try content.range(ofStorage: key, in: source)
            ranges[key] = range
        }
        let width = storage.type.width
        guard range.count % width == 0, range.count / width == storage.elementCount else {
            throw .pyTorch(
                file: path, tensor: tensor,
                reason: "its storage has \(range.count) bytes, and \(storage.elementCount) elements of \(width) bytes")
        }
        guard let view = storage.view else { return range }
        guard view.upperBound <= storage.elementCount else {
            throw .pyTorch(file: path, tensor: tensor, reason: "it sees a part of a storage that is not there")
        }
        return range.lowerBound + view.lowerBound * width..<range.lowerBound + view.upperBound * width
    }

    /// The elements of the storage from the first to the last that the tensor has; nil where that is no range.
    private static func elements(of tensor: PickledTensor) -> Range<Int>? {
        guard tensor.offset >= 0 else { return nil }
        guard !tensor.shape.contains(0) else { return tensor.offset..<tensor.offset }
        var last = tensor.offset
        for (count, stride) in zip(tensor.shape, tensor.strides) {
            guard count > 0, stride >= 0, case (let span, false) = (count - 1).multipliedReportingOverflow(by: stride),
                case (let sum, false) = last.addingReportingOverflow(span)
            else { return nil }
            last = sum
        }
        guard last < Int.max else { return nil }
        return tensor.offset..<last + 1
    }

    /// The bytes of some elements of a storage; nil where they are not all in it.
    private static func part(_ elements: Range<Int>, _ type: ElementType, of bytes: Range<Int>) -> Range<Int>? {
        let width = type.byteWidth
        guard elements.upperBound <= bytes.count / width else { return nil }
        return bytes.lowerBound + elements.lowerBound * width..<bytes.lowerBound + elements.upperBound * width
    }

    /// Whether the elements lie one after another; how far apart the indices of a dimension of one are does not matter.
    private static func isContiguous(_ tensor: PickledTensor) -> Bool {
        guard !tensor.shape.contains(0) else { return true }
        var expected = 1
        for (count, stride) in zip(tensor.shape, tensor.strides).reversed() where count != 1 {
            guard stride == expected else { return false }
            // Its size was found to be one.
            expected *= count
        }
        return true
    }
}
