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
            let tied = checkpoint.tensor("lm_head.weight") == nil
            groups.append(Group(name: "head", tensors: GPT2Configuration.headTensorNames(tied: tied)))
        }
        return groups
    }

    /// SHA-256 over a group; reads its weights unless it is known. Throws `CheckpointError` for a missing tensor.
    public func digest(of group: Group) throws -> Digest {
        try digests.digest(group: group.name, tensors: group.tensors)
    }

    /// SHA-256 over a group where it is known without reading weights.
    public func knownDigest(of group: Group) -> Digest? {
        digests.knownDigest(group: group.name, tensors: group.tensors)
    }
}
