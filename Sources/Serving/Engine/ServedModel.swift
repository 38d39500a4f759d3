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
    /// SHA-256 of config.json.
    public var configurationSHA256: [UInt8]
    /// SHA-256 of each group of tensors: "layer 0" …, "embedding", "head".
    public var groupSHA256: [String: [UInt8]]
    /// SHA-256 over all of them.
    public var identity: [UInt8]
    /// How workers keep the weights.
    public var weightType = TensorType.f32
    /// How workers keep keys and values.
    public var cacheType = TensorType.f32

    public init(
        name: String, description: ModelDescription, vocabularySize: Int, endOfText: Int32?,
        multiplyAdds: (perLayer: Double, head: Double), tokenizer: BytePairTokenizer, configurationSHA256: [UInt8],
        groupSHA256: [String: [UInt8]], identity: [UInt8]
    ) {
        self.name = name
        self.description = description
        self.vocabularySize = vocabularySize
        self.endOfText = endOfText
        self.multiplyAdds = multiplyAdds
        self.tokenizer = tokenizer
        self.configurationSHA256 = configurationSHA256
        self.groupSHA256 = groupSHA256
        self.identity = identity
    }

    public var layerCount: Int { description.layerCount }
    /// Positions a sequence can have.
    public var context: Int { description.context }
}
