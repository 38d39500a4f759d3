import Scheduling
import Tokenizer
import Wire

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
    public var weightType = WireElementType.f32
    /// How workers keep keys and values.
    public var cacheType = WireElementType.f32

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

    /// How many layers cost as much as the head, by what they compute.
    var headInLayers: Double { multiplyAdds.head / max(1, multiplyAdds.perLayer) }

    /// Milliseconds of one layer on an ordinary machine, until they are measured: weights come at 25 GB/s, and a thread
    /// does 50 G multiply-adds a second, of bytes three times as many.
    func assumedLayerCosts(threads: Int) -> RowCosts {
        let isQuantized = weightType == .int8 || weightType == .int4
        let perMillisecond = (isQuantized ? 150e6 : 50e6) * Double(max(1, threads))
        return RowCosts(
            [1, 8, 64].map { rows in
                RowCosts.Point(
                    rows: rows,
                    milliseconds: max(
                        Double(description.layerBytes) / 25e6, multiplyAdds.perLayer * Double(rows) / perMillisecond))
            })
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
