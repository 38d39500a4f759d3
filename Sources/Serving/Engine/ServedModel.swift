import Messages
import Planning
import Tokenizer

/// What a coordinator knows of the model it serves; the weights stay on disk.
public struct ServedModel: Sendable {
    /// What clients call it: the directory's name.
    public var name: String
    /// Its layers, and what memory they take.
    public var description: ModelDescription
    public var vocabularySize: Int
    public var endOfText: Int32?
    /// Multiply-adds of one layer and of the head for one row: by these costs are guessed until they are measured.
    public var multiplyAdds: (perLayer: Double, head: Double)
    public var tokenizer: BytePairTokenizer
    public var digests: ModelDigests
    /// How workers keep the weights.
    public var weightType = TensorType.f32
    /// How workers keep keys and values.
    public var cacheType = TensorType.f32

    public init(
        name: String, description: ModelDescription, vocabularySize: Int,
        multiplyAdds: (perLayer: Double, head: Double), tokenizer: BytePairTokenizer, digests: ModelDigests
    ) {
        self.name = name
        self.description = description
        self.vocabularySize = vocabularySize
        self.multiplyAdds = multiplyAdds
        self.tokenizer = tokenizer
        self.digests = digests
    }

    public var layerCount: Int { description.layerCount }
    /// Positions a sequence can have.
    public var context: Int { description.context }
}

/// SHA-256 of a model's parts, by which coordinator and workers know that they hold the same one.
public struct ModelDigests: Sendable {
    /// Of config.json.
    public var configuration: [UInt8]
    /// Of each group of tensors: "layer 0" …, "embedding", "head".
    public var groups: [String: [UInt8]]
    /// Over all of them.
    public var identity: [UInt8]

    public init(configuration: [UInt8], groups: [String: [UInt8]], identity: [UInt8]) {
        self.configuration = configuration
        self.groups = groups
        self.identity = identity
    }
}
