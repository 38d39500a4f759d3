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
    /// Tokens that end a text, ``Messages/Accepted/mostEndTokens`` at most.
    public var endTokens: [Int32] = []
    /// The token that stands before a text, GPT-2's `<|endoftext|>`; nil where the model has none.
    public var startOfText: Int32?
    /// What counts where a request says nothing.
    public var samplingDefaults = SamplingSettings()
    /// What the model's files ask of a generation and is not done: a line each, for people.
    public var notices: [String] = []
    /// Ids without text, as a bit set over the vocabulary (`Assignment.unusedIDs`); nil: every id has text.
    public var unusedIDs: [UInt8]?
    /// Multiply-adds of one layer and of the head for one row: by these costs are guessed until they are measured.
    public var multiplyAdds: (perLayer: Double, head: Double)
    public var tokenizer: BytePairTokenizer
    public var digests: ModelDigests
    /// Of the arithmetic that workers must have.
    public var numericsVersion: UInt32
    /// How workers keep the weights.
    public var weightType = TensorType.f32
    /// How workers keep keys and values.
    public var cacheType = TensorType.f32

    public init(
        name: String, description: ModelDescription, vocabularySize: Int,
        multiplyAdds: (perLayer: Double, head: Double), tokenizer: BytePairTokenizer, digests: ModelDigests,
        numericsVersion: UInt32
    ) {
        self.name = name
        self.description = description
        self.vocabularySize = vocabularySize
        self.multiplyAdds = multiplyAdds
        self.tokenizer = tokenizer
        self.digests = digests
        self.numericsVersion = numericsVersion
    }

    /// Token ids as a bit set over the vocabulary; nil where there are none.
    /// - Parameter ids: each from 0 up to `vocabularySize`.
    public static func bits(of ids: [Int32], vocabularySize: Int) -> [UInt8]? {
        guard !ids.isEmpty else { return nil }
        var bits = [UInt8](repeating: 0, count: (vocabularySize + 7) / 8)
        for id in ids { bits[Int(id) / 8] |= 1 << UInt8(id % 8) }
        return bits
    }

    public var layerCount: Int { description.layerCount }
    /// Positions a sequence can have.
    public var context: Int { description.context }
}

/// SHA-256 of a model's parts, by which coordinator and workers know that they hold the same one.
public struct ModelDigests: Sendable {
    /// Of the settings that change results.
    public var configuration: [UInt8]
    /// Of each group of tensors: "layer 0" …, "embedding", "head".
    public var groups: [String: [UInt8]]
    /// Over all of them.
    public var identity: [UInt8]
    /// Of the tokenizer.
    public var tokenizer: [UInt8]

    public init(configuration: [UInt8], groups: [String: [UInt8]], identity: [UInt8], tokenizer: [UInt8]) {
        self.configuration = configuration
        self.groups = groups
        self.identity = identity
        self.tokenizer = tokenizer
    }
}
