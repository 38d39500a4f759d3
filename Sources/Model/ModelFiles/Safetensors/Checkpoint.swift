/// The weights of a model in Hugging Face's layout: one or several safetensors files, mapped, not read. Opening reads
/// the headers only; a tensor's pages are read when its bytes are touched, and no others.
///
/// The files must not be written in place while they are open: a file that is cut short under its map ends the process
/// with SIGBUS. Replacing them by renaming is safe.
public final class Checkpoint: Sendable {
    /// The directory it was opened from.
    public let directory: String
    /// Every tensor, ascending by the UTF-8 bytes of its name.
    public let tensors: [TensorInfo]
    let files: [MappedFile]
    /// The free-form strings of each file, with its path.
    public let metadata: [(file: String, strings: [String: String])]
    private let locations: [String: Location]

    private struct Location {
        let info: TensorInfo
        let file: Int
        let range: Range<Int>
    }

    /// Opens `model.safetensors` in `directory`, or where that is missing the files that
    /// `model.safetensors.index.json` names, and checks every header whole. Throws ``ModelFileError``.
    public init(directory: String) throws(ModelFileError) {
        let (shards, index) = try Self.locateFiles(in: directory)
        var files: [MappedFile] = []
        var metadata: [(file: String, strings: [String: String])] = []
        var locations: [String: Location] = [:]
        for shard in shards {
            let file = try ReadOnlyFile(path: shard)
            let header = try SafetensorsHeader(of: file)
            for entry in header.entries {
                let location = Location(info: entry.info, file: files.count, range: entry.range)
                if let other = locations.updateValue(location, forKey: entry.info.name) {
                    throw .duplicateTensor(tensor: entry.info.name, file: shard, other: other.info.file)
                }
            }
            guard locations.count <= Limits.tensors else {
                throw .tooMany(file: index?.path ?? shard, what: "tensors", limit: Limits.tensors)
            }
            files.append(try MappedFile(file))
            metadata.append((shard, header.metadata))
        }
        try index?.check { locations[$0]?.info.file }
        self.directory = directory
        self.files = files
        self.metadata = metadata
        self.locations = locations
        tensors = locations.values.map(\.info).sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    /// The tensor of that name. Files differ in whether they put `transformer.` before GPT-2's names, so `name` may
    /// have the prefix or not, whichever the file does; the name as it stands is tried first.
    public func tensor(_ name: String) -> TensorInfo? {
        if let location = locations[name] { return location.info }
        let prefix = TensorInfo.prefix
        return locations[name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : prefix + name]?.info
    }

    /// The tensor of that name, with that shape and one of `types`. Throws
    /// ``ModelFileError/missingTensor(tensor:directory:)``,
    /// ``ModelFileError/wrongShape(file:tensor:found:expected:)`` or
    /// ``ModelFileError/wrongType(file:tensor:found:expected:)``.
    public func tensor(
        _ name: String, shape: [Int], types: Set<ElementType> = ElementType.weights
    ) throws(ModelFileError) -> TensorInfo {
        let tensor = try existingTensor(name)
        guard tensor.shape == shape else {
            throw .wrongShape(file: tensor.file, tensor: tensor.name, found: tensor.shape, expected: shape)
        }
        guard types.contains(tensor.type) else {
            throw .wrongType(file: tensor.file, tensor: tensor.name, found: tensor.type, expected: types)
        }
        return tensor
    }

    /// Hands over the bytes of a tensor of this checkpoint: little-endian, rows one after another, straight from the
    /// map, hence at any alignment. Only the tensor's own pages are read. Throws what `body` throws.
    public func withBytes<Result, Failure: Error>(
        of tensor: TensorInfo, _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try mapped(tensor).withBytes(body)
    }

    /// A tensor of this checkpoint, as something that can be kept: it holds the map.
    public func mapped(_ tensor: TensorInfo) -> MappedTensor {
        guard let location = locations[tensor.name], location.info == tensor else {
            preconditionFailure("tensor \(tensor.name) of another checkpoint")
        }
        return MappedTensor(file: files[location.file], range: location.range)
    }

    /// Gives up all pages, for those who have copied what they need: mapped pages count as this process's memory until
    /// they are given up, and the system maps neighbours of what is touched.
    public func releasePages() { for file in files { file.release() } }

    /// The tensor of that name; throws ``ModelFileError/missingTensor(tensor:directory:)``.
    func existingTensor(_ name: String) throws(ModelFileError) -> TensorInfo {
        guard let tensor = tensor(name) else { throw .missingTensor(tensor: name, directory: directory) }
        return tensor
    }

    private static func locateFiles(
        in directory: String
    ) throws(ModelFileError) -> (shards: [String], index: ShardIndex?) {
        guard isDirectory(directory) else { throw .noDirectory(directory) }
        let files = ModelDirectory(directory)
        if exists(files.weights) { return ([files.weights], nil) }
        guard exists(files.weightIndex) else { throw .noModel(directory: directory) }
        let index = try ShardIndex(path: files.weightIndex, directory: directory)
        return (index.shards, index)
    }
}
