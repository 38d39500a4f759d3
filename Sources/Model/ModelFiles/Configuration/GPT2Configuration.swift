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
    /// The id of `<|endoftext|>`, where the configuration names one within the vocabulary.
    public let endOfText: Int32?

    /// Width of one attention head.
    public var headWidth: Int { width / headCount }

    /// The greatest sizes that are believed.
    public enum Limits {
        public static let layerCount = 4096
        public static let width = 1 << 16
        public static let headCount = 1 << 16
        public static let contextLength = 1 << 20
    }

    /// The shape with these numbers and GPT-2's own choices for the rest: an MLP four times as wide, the vocabulary of
    /// 50257 with `<|endoftext|>` last. The numbers must be positive, and `headCount` divide `width`.
    public init(layerCount: Int, width: Int, headCount: Int, contextLength: Int = 1024, vocabularySize: Int = 50_257) {
        precondition(layerCount > 0 && headCount > 0 && contextLength > 0 && vocabularySize > 0, "size of a model")
        precondition(width > 0 && width % headCount == 0, "heads divide the width")
        (self.layerCount, self.width, self.headCount) = (layerCount, width, headCount)
        (self.contextLength, self.vocabularySize, innerWidth) = (contextLength, vocabularySize, 4 * width)
        layerNormEpsilon = 1e-5
        activation = .geluNew
        endOfText = Int32(vocabularySize - 1)
    }
}
