/// The weights of a model in safetensors files, one or several, mapped, not read. Opening reads the headers only; a
/// tensor's pages are read when its bytes are touched, and no others.
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
    private let locations: [String: StoredTensor]

    /// Opens `model.safetensors` in `directory`, or where that is missing the files that
    /// `model.safetensors.index.json` names, and checks every header whole. Throws ``ModelFileError``.
    public convenience init(directory: String) throws(ModelFileError) {
        guard isDirectory(directory) else { throw .noDirectory(directory) }
        let paths = ModelDirectory(directory)
        if exists(paths.weights) {
            try self.init(files: [paths.weights], directory: directory)
        } else if exists(paths.weightIndex) {
            try self.init(index: paths.weightIndex, directory: directory)
        } else {
            throw .noModel(directory: directory)
        }
    }

    /// Opens those files that an index names for tensors that a model needs, and sees that these tensors are where it
    /// says. Throws ``ModelFileError``.
    convenience init(index path: String, directory: String) throws(ModelFileError) {
        let index = try ShardIndex(path: path, directory: directory)
        try self.init(files: index.shards, directory: directory)
        try index.check { locations[$0]?.info.file }
    }

    /// Opens the files and checks every header whole. Throws ``ModelFileError``.
    init(files paths: [String], directory: String) throws(ModelFileError) {
        var files: [MappedFile] = []
        var metadata: [(file: String, strings: [String: String])] = []
        var locations: [String: StoredTensor] = [:]
        for path in paths {
            let file = try ReadOnlyFile(path: path)
            let header = try SafetensorsHeader(of: file)
            let mapped = try MappedFile(file)
            for entry in header.entries {
                let tensor = StoredTensor(info: entry.info, file: mapped, range: entry.range, strides: nil)
                if let other = locations.updateValue(tensor, forKey: entry.info.name) {
                    throw .duplicateTensor(tensor: entry.info.name, file: path, other: other.info.file)
                }
            }
            guard locations.count <= Limits.tensors else {
                throw .tooMany(file: path, what: "tensors", limit: Limits.tensors)
            }
            files.append(mapped)
            metadata.append((path, header.metadata))
        }
        self.directory = directory
        self.files = files
        self.metadata = metadata
        self.locations = locations
        tensors = locations.values.map(\.info).sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    /// Every tensor where it lies, in the order of ``tensors``.
    var stored: [StoredTensor] { tensors.compactMap { locations[$0.name] } }

    /// The tensor of that name.
    public func tensor(_ name: String) -> TensorInfo? { locations[name]?.info }

    /// The tensor of that name; throws ``ModelFileError/missingTensor(tensor:directory:)``.
    func existingTensor(_ name: String) throws(ModelFileError) -> StoredTensor {
        guard let tensor = locations[name] else { throw .missingTensor(tensor: name, directory: directory) }
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
    package func mapped(_ tensor: TensorInfo) -> TensorBytes {
        guard let location = locations[tensor.name], location.info == tensor else {
            preconditionFailure("tensor \(tensor.name) of another checkpoint")
        }
        return TensorBytes(location.file, location.range)
    }

    /// Gives up all pages, for those who have copied what they need: mapped pages count as this process's memory until
    /// they are given up, and the system maps neighbours of what is touched.
    public func releasePages() { for file in files { file.release() } }
}
