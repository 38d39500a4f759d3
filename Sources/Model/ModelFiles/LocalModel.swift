import Kernels

/// A model on disk as a worker or a coordinator opens it: configuration, mapped tensors, and the digests by which it is
/// known.
public struct LocalModel: Sendable {
    public let configuration: GPT2Configuration
    public let weights: ModelWeights
    /// SHA-256 of config.json.
    public let configurationDigest: Digest
    private let digests: DigestCache
    private let format: PackedFormat?

    /// How the weights of a packed model are packed; nil for one in Hugging Face's layout.
    public var packedType: PackedType? { format?.type }

    /// The model's directory.
    public var directory: String { weights.directory }

    /// Opens a directory in Hugging Face's layout, or a packed one; reads no weights. Throws ``ModelFileError``.
    public init(directory: String) throws(ModelFileError) {
        configuration = try GPT2Configuration(directory: directory)
        weights = try ModelWeights(directory: directory)
        digests = DigestCache(checkpoint: weights.checkpoint)
        format = try PackedFormat(weights)
        configurationDigest = try Digest(ofFile: ModelDirectory(directory).configuration)
    }

    /// Groups that a stage with these layers holds: its layers, the embedding in the first, the head in the last.
    public func groups(of layers: Range<Int>) -> [TensorGroup] {
        TensorGroup.groups(of: layers, layerCount: configuration.layerCount)
    }

    /// All groups of the model.
    public var groups: [TensorGroup] { groups(of: 0..<configuration.layerCount) }

    /// Sees that each tensor for which the configuration asks is there in its shape. Reads no weights; throws
    /// ``ModelFileError``.
    /// - Returns: those tensors.
    @discardableResult
    public func checkTensors() throws(ModelFileError) -> [ModelTensor] {
        let tensors = configuration.tensors(tied: weights.isHeadTied)
        for tensor in tensors {
            guard let panels = tensor.panels, let type = packedType else {
                _ = try weights.tensor(tensor.role, shape: tensor.shape)
                continue
            }
            _ = try weights.panels(tensor.role, type, depth: panels.depth, columns: panels.columns)
        }
        try format?.check(groups, in: weights)
        return tensors
    }

    /// SHA-256 over a group; reads its weights unless it is known, as a packed model's always is. Throws
    /// ``ModelFileError`` for a missing tensor.
    public func digest(of group: TensorGroup) throws(ModelFileError) -> Digest {
        if let format { return try format.digest(of: group, in: weights) }
        return try digests.digest(group: group.description, tensors: weights.names(of: group))
    }

    /// SHA-256 over a group where it is known without reading weights.
    public func knownDigest(of group: TensorGroup) -> Digest? {
        if let format { return try? format.digest(of: group, in: weights) }
        return digests.knownDigest(group: group.description, tensors: weights.names(of: group))
    }

    /// Reads the files of a packed model whole and sees that they are what their metadata says; of another model nothing
    /// is said. `progress` is called with files. Throws ``ModelFileError``.
    public func verify(progress: (_ done: Int, _ total: Int) -> Void) throws(ModelFileError) {
        try format?.verify(weights.checkpoint, progress: progress)
    }

    /// SHA-256 of the model that a packed one was made of; nil for one that is not packed.
    public var sourceDigests: [(group: TensorGroup, digest: Digest)]? {
        format.map { format in groups.compactMap { group in format.sourceDigest(of: group).map { (group, $0) } } }
    }

    /// SHA-256 of the whole model, by which coordinator and workers know that they have the same one.
    public struct Identity: Sendable {
        /// Every group with its digest, in the order of ``LocalModel/groups``.
        public let groups: [(group: TensorGroup, digest: Digest)]
        /// Over the digest of config.json and then those of the groups.
        public let digest: Digest
    }

    /// The digests of all groups and of the model; reads the weights unless they are known. `progress` is called with
    /// groups. Throws ``ModelFileError`` for a missing tensor.
    public func identity(progress: (_ done: Int, _ total: Int) -> Void) throws(ModelFileError) -> Identity {
        var digests: [(group: TensorGroup, digest: Digest)] = []
        for group in groups {
            progress(digests.count, groups.count)
            digests.append((group, try digest(of: group)))
        }
        let all = configurationDigest.bytes + digests.flatMap(\.digest.bytes)
        return Identity(groups: digests, digest: Digest(of: all))
    }
}
