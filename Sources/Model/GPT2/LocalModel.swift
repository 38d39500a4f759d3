import Kernels
import ModelFiles

/// A model on disk as a worker or a coordinator opens it: configuration, mapped tensors, and the digests by which it is
/// known.
public struct LocalModel: Sendable {
    public let configuration: GPT2Configuration
    public let checkpoint: Checkpoint
    /// SHA-256 of config.json.
    public let configurationDigest: Digest
    private let digests: DigestCache
    private let format: PackedFormat?

    /// How the weights of a packed model are packed; nil for one in Hugging Face's layout.
    public var packedType: PackedType? { format?.type }

    /// Opens a directory in Hugging Face's layout, or a packed one; reads no weights. Throws ``GPT2Error`` or `CheckpointError`.
    public init(directory: String) throws {
        configuration = try GPT2Configuration(directory: directory)
        checkpoint = try Checkpoint(directory: directory)
        digests = DigestCache(checkpoint: checkpoint)
        format = try PackedFormat(checkpoint)
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
    var isTied: Bool { checkpoint.tensor("lm_head.weight") == nil }

    /// The tensors that the configuration asks for, having seen that each is there in its shape. Reads no weights;
    /// throws `CheckpointError`.
    public func checkTensors() throws(CheckpointError) -> [ModelTensor] {
        let tensors = configuration.tensors(tied: isTied)
        for tensor in tensors {
            guard let panels = tensor.panels, let type = packedType else {
                _ = try checkpoint.tensor(tensor.name, shape: tensor.shape)
                continue
            }
            let size = PackedMatrix.byteCount(type, depth: panels.depth, columns: panels.columns) ?? 0
            _ = try checkpoint.tensor(tensor.name, shape: [size], types: [.u8])
        }
        try format?.check(groups(of: 0..<configuration.layerCount), in: checkpoint)
        return tensors
    }

    /// SHA-256 over a group; reads its weights unless it is known, as a packed model's always is. Throws
    /// `CheckpointError` for a missing tensor.
    public func digest(of group: Group) throws -> Digest {
        if let format { return try format.digest(of: group.name, in: checkpoint, tied: isTied) }
        return try digests.digest(group: group.name, tensors: group.tensors)
    }

    /// SHA-256 over a group where it is known without reading weights.
    public func knownDigest(of group: Group) -> Digest? {
        if let format { return try? format.digest(of: group.name, in: checkpoint, tied: isTied) }
        return digests.knownDigest(group: group.name, tensors: group.tensors)
    }

    /// Reads the files of a packed model whole and sees that they are what their metadata says; of another model nothing
    /// is said. `progress` is called with files. Throws `CheckpointError`.
    public func verify(progress: (_ done: Int, _ total: Int) -> Void) throws(CheckpointError) {
        try format?.verify(checkpoint, progress: progress)
    }

    /// SHA-256 of the model that a packed one was made of; nil for one that is not packed.
    public var sourceDigests: [(group: String, digest: Digest)]? {
        format.map { format in
            groups(of: 0..<configuration.layerCount).compactMap { group in
                format.files[group.name].map { (group.name, $0.sourceDigest) }
            }
        }
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
