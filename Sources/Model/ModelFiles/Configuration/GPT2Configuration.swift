/// The shape of a GPT-2 model: all that its computation depends on besides the weights.
public struct GPT2Configuration: Sendable, Equatable {
    /// Number of transformer layers.
    public internal(set) var layerCount: Int
    /// Width of the residual stream.
    public internal(set) var width: Int
    /// Number of attention heads, which divides the width.
    public internal(set) var headCount: Int
    /// Greatest number of positions of a sequence.
    public internal(set) var contextLength: Int
    /// Number of token ids.
    public internal(set) var vocabularySize: Int
    /// Width inside the MLP.
    public internal(set) var innerWidth: Int
    /// What layer norm adds to the variance.
    public internal(set) var layerNormEpsilon: Float = 1e-5
    /// The MLP's activation function.
    public internal(set) var activation = ActivationFunction.geluNew
    /// Whether attention scores are divided by the root of the head width.
    public internal(set) var scalesAttention = true
    /// Whether attention scores of a layer are divided by its number, counted from 1.
    public internal(set) var scalesAttentionByLayer = false

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

    /// The shape with these numbers and GPT-2's own choices for the rest: an MLP four times as wide, the vocabulary of
    /// 50257. The numbers must be positive, and `headCount` divide `width`.
    public init(layerCount: Int, width: Int, headCount: Int, contextLength: Int = 1024, vocabularySize: Int = 50_257) {
        precondition(layerCount > 0 && headCount > 0 && contextLength > 0 && vocabularySize > 0, "size of a model")
        precondition(width > 0 && width % headCount == 0, "heads divide the width")
        (self.layerCount, self.width, self.headCount) = (layerCount, width, headCount)
        (self.contextLength, self.vocabularySize, innerWidth) = (contextLength, vocabularySize, 4 * width)
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
