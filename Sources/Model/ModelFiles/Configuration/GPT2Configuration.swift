/// The shape of a GPT-2 model: all that its computation depends on besides the weights.
public struct GPT2Configuration: Sendable, Equatable {
    /// Number of transformer layers.
    public let layerCount: Int
    /// Width of the residual stream.
    public let width: Int
    /// Number of attention heads, which divides the width.
    public let headCount: Int
    /// Greatest number of positions of a sequence.
    public let contextLength: Int
    /// Number of token ids.
    public let vocabularySize: Int
    /// Width inside the MLP.
    public let innerWidth: Int
    /// What layer norm adds to the variance.
    public let layerNormEpsilon: Float
    /// The MLP's activation function.
    public let activation: ActivationFunction
    /// Whether attention scores are divided by the root of the head width.
    public let scalesAttention: Bool
    /// Whether attention scores of a layer are divided by its number, counted from 1.
    public let scalesAttentionByLayer: Bool

    /// Width of one attention head.
    public var headWidth: Int { width / headCount }

    /// The greatest sizes that are believed.
    public enum Limits {
        public static let layerCount = 4096
        public static let width = 1 << 16
        public static let headCount = 1 << 16
        public static let contextLength = 1 << 20
        public static let vocabularySize = 1 << 24
        public static let innerWidth = 1 << 20
    }

    /// The shape with these numbers, by default with the vocabulary of GPT-2 and layers as it has them. The numbers must
    /// be positive, and `headCount` divide `width`.
    public init(
        layerCount: Int, width: Int, headCount: Int, contextLength: Int = 1024, vocabularySize: Int = 50_257,
        layers: LayerSettings = LayerSettings()
    ) {
        precondition(layerCount > 0 && headCount > 0 && contextLength > 0 && vocabularySize > 0, "size of a model")
        precondition(width > 0 && width % headCount == 0, "heads divide the width")
        (self.layerCount, self.width, self.headCount) = (layerCount, width, headCount)
        (self.contextLength, self.vocabularySize) = (contextLength, vocabularySize)
        innerWidth = layers.innerWidth ?? 4 * width
        (layerNormEpsilon, activation) = (layers.layerNormEpsilon, layers.activation)
        (scalesAttention, scalesAttentionByLayer) = (layers.scalesAttention, layers.scalesAttentionByLayer)
    }

    /// Everything that changes results, in a form that is the same for the same settings wherever they were read: what
    /// the model's identity covers beside the weights.
    package var canonicalText: String {
        """
        paceline settings 1
        layers \(layerCount)
        width \(width)
        heads \(headCount)
        context \(contextLength)
        vocabulary \(vocabularySize)
        inner \(innerWidth)
        epsilon \(layerNormEpsilon.bitPattern)
        activation \(activation.name)
        attention scaled \(scalesAttention)
        attention scaled by layer \(scalesAttentionByLayer)

        """
    }
}
