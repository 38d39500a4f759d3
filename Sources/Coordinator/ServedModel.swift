import Scheduling
import Tokenizer
import Wire

/// What a coordinator knows of the model it serves; the weights stay on disk.
public struct ServedModel: Sendable {
    /// What clients call it: the directory's name.
    public var name: String
    public var layerCount: Int
    /// Positions a sequence can have.
    public var context: Int
    public var vocabularySize: Int
    public var endOfText: Int32?
    public var costs: LayerCosts
    public var tokenizer: BytePairTokenizer
    /// SHA-256 of config.json.
    public var configurationSHA256: [UInt8]
    /// SHA-256 of each group of tensors: "layer 0" …, "embedding", "head".
    public var groupSHA256: [String: [UInt8]]
    /// SHA-256 over all of them.
    public var identity: [UInt8]
    /// Memory of one KV cache block in one layer.
    public var blockBytesPerLayer: Int
    /// How workers keep the weights.
    public var weightType = WireElementType.f32
    /// How workers keep keys and values.
    public var cacheType = WireElementType.f32

    public init(
        name: String, layerCount: Int, context: Int, vocabularySize: Int, endOfText: Int32?, costs: LayerCosts,
        tokenizer: BytePairTokenizer, configurationSHA256: [UInt8], groupSHA256: [String: [UInt8]], identity: [UInt8],
        blockBytesPerLayer: Int
    ) {
        self.name = name
        self.layerCount = layerCount
        self.context = context
        self.vocabularySize = vocabularySize
        self.endOfText = endOfText
        self.costs = costs
        self.tokenizer = tokenizer
        self.configurationSHA256 = configurationSHA256
        self.groupSHA256 = groupSHA256
        self.identity = identity
        self.blockBytesPerLayer = blockBytesPerLayer
    }

    /// A group that a stage with these layers holds, and whose digest is not there, if there is one.
    func missingGroup(in digests: [GroupDigest], of layers: Range<Int>) -> String? {
        var expected = layers.map { "layer \($0)" }
        if layers.lowerBound == 0 { expected.append("embedding") }
        if layers.upperBound == layerCount { expected.append("head") }
        return expected.first { group in !digests.contains { $0.group == group } }
    }

    /// The group of a worker's digests that is not this model's, if there is one.
    func foreignGroup(in digests: [GroupDigest]) -> String? {
        digests.first { groupSHA256[$0.group] != $0.sha256 }?.group
    }
}
