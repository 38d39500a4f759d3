/// The activation function between the two projections of a layer's MLP.
public enum ActivationFunction: Sendable {
    /// GELU by the hyperbolic tangent.
    case geluNew
    /// GELU by the error function.
    case gelu
}

/// The shape of a GPT-2 model: all that its computation depends on besides the weights.
public struct GPT2Configuration: Sendable, Equatable {
    /// Number of transformer layers.
    public let layerCount: Int
    /// Width of the residual stream.
    public let width: Int
    /// Number of attention heads, which divides the width.
    public let headCount: Int
    /// Greatest number of positions of a sequence.
    public let context: Int
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
        public static let context = 1 << 20
    }

    /// The shape with these numbers and GPT-2's own choices for the rest: an MLP four times as wide, the vocabulary of
    /// 50257 with `<|endoftext|>` last. The numbers must be positive, and `headCount` divide `width`.
    public init(layerCount: Int, width: Int, headCount: Int, context: Int = 1024, vocabularySize: Int = 50_257) {
        precondition(layerCount > 0 && headCount > 0 && context > 0 && vocabularySize > 0, "size of a model")
        precondition(width > 0 && width % headCount == 0, "heads divide the width")
        (self.layerCount, self.width, self.headCount) = (layerCount, width, headCount)
        (self.context, self.vocabularySize, innerWidth) = (context, vocabularySize, 4 * width)
        layerNormEpsilon = 1e-5
        activation = .geluNew
        endOfText = Int32(vocabularySize - 1)
    }

    /// Reads `config.json` in `directory`, in Hugging Face's format. Throws
    /// ``GPT2Error/configuration(file:field:reason:)`` naming file and field, also for settings that are not computed.
    public init(directory: String) throws(GPT2Error) {
        let file = ConfigurationFile(directory: directory)
        let fields = try file.read()
        try file.refuseUnsupported(fields)
        layerCount = try file.size("n_layer", fields.n_layer, limit: Limits.layerCount)
        width = try file.size("n_embd", fields.n_embd, limit: Limits.width)
        headCount = try file.size("n_head", fields.n_head, limit: Limits.headCount)
        guard width % headCount == 0 else {
            throw file.error("n_head", "\(headCount) heads do not divide the width n_embd = \(width)")
        }
        let positionsField = fields.n_positions == nil && fields.n_ctx != nil ? "n_ctx" : "n_positions"
        context = try file.size(positionsField, fields.n_positions ?? fields.n_ctx, limit: Limits.context)
        vocabularySize = try file.size("vocab_size", fields.vocab_size, limit: 1 << 24)
        innerWidth = try file.size("n_inner", fields.n_inner ?? Double(4 * width), limit: 1 << 20)
        layerNormEpsilon = try file.epsilon(fields.layer_norm_epsilon ?? 1e-5)
        activation = try file.activation(fields.activation_function ?? "gelu_new")
        endOfText = fields.eos_token_id?.id.flatMap { [vocabularySize] id in
            id >= 0 && id < vocabularySize ? Int32(id) : nil
        }
    }
}
