import Kernels

/// A model on disk as a worker or a coordinator opens it: configuration, mapped tensors, and the digests by which it is
/// known.
public struct LocalModel: Sendable {
    public let configuration: GPT2Configuration
    public let weights: ModelWeights
    /// SHA-256 of the settings that change results, in their canonical form.
    public let configurationDigest: Digest
    /// Where its tokenizer's files are: its own directory, unless somebody names another.
    public var tokenizerDirectory: String
    private let digests: DigestCache
    private let format: PackedFormat?

    /// How the weights of a packed model are packed; nil for any other.
    public var packedType: PackedType? { format?.type }

    /// Whether the weights are a nanoGPT checkpoint, which names no tokenizer.
    public var isNanoGPT: Bool { weights.files.modelArguments != nil }

    /// The directory of its files.
    public var directory: String { weights.directory }

    /// Opens a model's directory, or the file of its weights; reads no weights. `activation` is for checkpoints that do
    /// not say theirs. Throws ``ModelFileError``.
    public init(directory path: String, activation: ActivationFunction? = nil) throws(ModelFileError) {
        let files = try WeightFiles(try ModelLocation(path: path))
        let tiesHead: Bool
        if let arguments = files.modelArguments {
            configuration = try arguments.configuration(activation: activation, files.tensors)
            tiesHead = true
        } else {
            let settings = try ConfigurationFile(directory: files.directory)
            configuration = try settings.configuration()
            tiesHead = try settings.tiesHead()
            if activation != nil {
                throw settings.error("activation_function", "is what counts: leave --activation out")
            }
        }
        weights = try ModelWeights(files, tiesHead: tiesHead)
        guard weights.table.layerCount <= configuration.layerCount else {
            let last = TensorRole.layer(weights.table.layerCount - 1, .attentionNormWeight)
            throw .unknownTensor(tensor: weights.name(last), file: files.directory)
        }
        tokenizerDirectory = files.directory
        digests = DigestCache(files: files.mapped, directory: files.directory)
        format = try PackedFormat(weights)
        configurationDigest = Digest(of: Array(configuration.canonicalText.utf8))
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
        for tensor in tensors where !weights.isAbsentBias(tensor.role) {
            guard let panels = tensor.panels, let type = packedType else {
                _ = try weights.entry(tensor.role, shape: tensor.shape)
                continue
            }
            _ = try weights.panels(tensor.role, type, depth: panels.depth, columns: panels.columns)
        }
        try format?.check(groups, in: weights)
        return tensors
    }

    /// SHA-256 over a group's values, whatever files they are in; reads the weights unless it is known, as a packed
    /// model's always is. Throws ``ModelFileError`` for a missing tensor.
    public func digest(of group: TensorGroup) throws(ModelFileError) -> Digest {
        if let format { return try format.identity(of: group, in: weights) }
        let tensors = tensors(of: group)
        return try digests.digest(group: group.description, outline: try weights.outlineDigest(of: tensors)) {
            () throws(ModelFileError) in
            let digest = try weights.meaningDigest(of: tensors)
            // What the system mapped of the tensors' neighbourhood adds up where there are many small ones.
            weights.releasePages()
            return digest
        }
    }

    /// SHA-256 over a group where it is known without reading weights.
    public func knownDigest(of group: TensorGroup) -> Digest? {
        if let format { return try? format.identity(of: group, in: weights) }
        guard let outline = try? weights.outlineDigest(of: tensors(of: group)) else { return nil }
        return digests.knownDigest(group: group.description, outline: outline)
    }

    /// A group's tensors with their shapes, in the order of their roles.
    private func tensors(of group: TensorGroup) -> [ModelTensor] {
        let all = configuration.tensors(tied: weights.isHeadTied)
        return group.roles(tied: weights.isHeadTied).compactMap { role in all.first { $0.role == role } }
    }

    /// Reads the files of a packed model whole and sees that they are what their metadata says; of another model nothing
    /// is said. `progress` is called with files. Throws ``ModelFileError``.
    public func verify(progress: (_ done: Int, _ total: Int) -> Void) throws(ModelFileError) {
        try format?.verify(weights.files, progress: progress)
    }

    /// SHA-256 of the whole model, by which coordinator and workers know that they have the same one.
    public struct Identity: Sendable {
        /// Every group with its digest, in the order of ``LocalModel/groups``.
        public let groups: [(group: TensorGroup, digest: Digest)]
        /// Over the digest of the settings and then those of the groups.
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
