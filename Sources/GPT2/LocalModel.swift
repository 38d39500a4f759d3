import Checkpoint

/// A model on disk as a worker or a coordinator opens it: configuration, mapped tensors, and the digests by which it is
/// known.
public struct LocalModel: Sendable {
    public let configuration: GPT2Configuration
    public let checkpoint: Checkpoint
    /// SHA-256 of config.json.
    public let configurationDigest: Digest
    private let digests: DigestCache

    /// Opens a directory in Hugging Face's layout; reads no weights. Throws ``GPT2Error`` or `CheckpointError`.
    public init(directory: String) throws {
        configuration = try GPT2Configuration(directory: directory)
        checkpoint = try Checkpoint(directory: directory)
        digests = DigestCache(checkpoint: checkpoint)
        configurationDigest = try Digest(ofFile: directory + "/config.json")
    }

    /// Tensors that are known by one digest.
    public struct Group: Sendable, Equatable {
        /// "layer 0" …, "embedding", "head".
        public var name: String
        public var tensors: [String]
    }

    /// Groups that a stage with these layers holds: its layers, the embedding in the first, the head in the last.
    public func groups(of layers: Range<Int>) -> [Group] {
        var groups = layers.map { Group(name: "layer \($0)", tensors: GPT2Configuration.tensorNames(layer: $0)) }
        if layers.lowerBound == 0 {
            groups.append(Group(name: "embedding", tensors: GPT2Configuration.embeddingTensorNames))
        }
        if layers.upperBound == configuration.layerCount {
            groups.append(Group(name: "head", tensors: GPT2Configuration.headTensorNames(tied: isTied)))
        }
        return groups
    }

    /// Whether the output head is the token embedding.
    private var isTied: Bool { checkpoint.tensor("lm_head.weight") == nil }

    /// The tensors that the configuration asks for, having seen that each is there in its shape. Reads no weights;
    /// throws `CheckpointError`.
    public func checkTensors() throws(CheckpointError) -> [ModelTensor] {
        let tensors = configuration.tensors(tied: isTied)
        for tensor in tensors { _ = try checkpoint.tensor(tensor.name, shape: tensor.shape) }
        return tensors
    }

    /// SHA-256 over a group; reads its weights unless it is known. Throws `CheckpointError` for a missing tensor.
    public func digest(of group: Group) throws -> Digest {
        try digests.digest(group: group.name, tensors: group.tensors)
    }

    /// SHA-256 over a group where it is known without reading weights.
    public func knownDigest(of group: Group) -> Digest? {
        digests.knownDigest(group: group.name, tensors: group.tensors)
    }

    /// SHA-256 of the whole model, by which coordinator and workers know that they have the same one.
    public struct Identity: Sendable {
        /// Every group with its digest, in the order of ``LocalModel/groups(of:)``.
        public let groups: [(group: Group, digest: Digest)]
        /// Over the digest of config.json and then those of the groups.
        public let digest: Digest
    }

    /// The digests of all groups and of the model; reads the weights unless they are known. `progress` is called with
    /// groups. Throws `CheckpointError` for a missing tensor.
    public func identity(progress: (_ done: Int, _ total: Int) -> Void) throws -> Identity {
        let groups = groups(of: 0..<configuration.layerCount)
        var digests: [(group: Group, digest: Digest)] = []
        for group in groups {
            progress(digests.count, groups.count)
            digests.append((group, try digest(of: group)))
        }
        let all = configurationDigest.bytes + digests.flatMap(\.digest.bytes)
        return Identity(groups: digests, digest: Digest(of: all))
    }
}
