import JSON

/// `config.json` in Hugging Face's format: what it declares is obeyed or refused, and every fault names the file and the
/// field. A null counts as left out, and what is left out has the value that transformers gives it.
struct ConfigurationFile {
    private let file: SettingsFile
    private var fields: JSONValue { file.fields }

    /// Reads the file in `directory`. Throws ``ModelFileError``.
    init(directory: String) throws(ModelFileError) {
        let path = ModelDirectory(directory).configuration
        guard exists(path) else {
            throw .configuration(
                file: path, field: nil,
                reason: "no such file; weights alone do not say how many attention heads a model has")
        }
        file = try SettingsFile(path)
    }

    /// The model's shape. Throws ``ModelFileError/configuration(file:field:reason:)``, also for settings that are not
    /// computed.
    func configuration() throws(ModelFileError) -> GPT2Configuration {
        try refuseOtherArchitectures()
        let width = try size(["n_embd", "hidden_size"], default: 768, limit: GPT2Configuration.Limits.width)
        let headCount = try size(
            ["n_head", "num_attention_heads"], default: 12, limit: GPT2Configuration.Limits.headCount)
        guard width % headCount == 0 else {
            throw error("n_head", "\(headCount) heads do not divide the width n_embd = \(width)")
        }
        let layers = LayerSettings(
            innerWidth: try size(["n_inner"], default: 4 * width, limit: GPT2Configuration.Limits.innerWidth),
            layerNormEpsilon: try epsilon(), activation: try activation(),
            scalesAttention: try file.flag("scale_attn_weights") ?? true,
            scalesAttentionByLayer: try file.flag("scale_attn_by_inverse_layer_idx") ?? false)
        return GPT2Configuration(
            layerCount: try size(
                ["n_layer", "num_hidden_layers"], default: 12, limit: GPT2Configuration.Limits.layerCount),
            width: width, headCount: headCount, contextLength: try contextLength(),
            vocabularySize: try size(
                ["vocab_size"], default: 50_257, limit: GPT2Configuration.Limits.vocabularySize),
            layers: layers)
    }

    /// Whether a head that the files have not is the token embedding.
    func tiesHead() throws(ModelFileError) -> Bool { try file.flag("tie_word_embeddings") ?? true }

    func error(_ field: String?, _ reason: String) -> ModelFileError { file.error(field, reason) }
}

extension ConfigurationFile {
    /// Settings of other architectures, with the only values at which they change nothing.
    private static let neutral: [(field: String, values: [String])] = [
        ("add_cross_attention", ["false"]), ("is_encoder_decoder", ["false"]), ("pruned_heads", ["{}"]),
        ("quantization_config", []), ("multi_query", ["false"]), ("position_embedding_type", ["\"absolute\""]),
        ("rope_scaling", []), ("rope_theta", []), ("rope_parameters", []), ("alibi", ["false"]),
        ("attn_logit_softcapping", []), ("final_logit_softcapping", []), ("sliding_window", []),
        ("attention_layers", []), ("attention_types", []), ("mup_embeddings_scale", ["1", "1.0"]),
        ("mup_output_alpha", ["1", "1.0"]), ("mup_width_scale", ["1", "1.0"]), ("mup_scale_qk_dot_by_d", ["false"]),
        ("rms_norm_eps", []),
    ]

    /// Throws for settings that would change the numbers and are not computed here.
    private func refuseOtherArchitectures() throws(ModelFileError) {
        if let type = fields.member("model_type"), type.string != "gpt2" {
            throw error("model_type", "\(type.shortText) is not supported, only \"gpt2\" is")
        }
        for (field, values) in Self.neutral {
            guard let value = fields.member(field), !values.contains(value.shortText) else { continue }
            throw error(field, "\(value.shortText) is not supported")
        }
    }

    private func contextLength() throws(ModelFileError) -> Int {
        let limit = GPT2Configuration.Limits.contextLength
        let names = ["n_positions", "max_position_embeddings"]
        let isOld = fields.member("n_ctx") != nil && names.allSatisfy { fields.member($0) == nil }
        return try size(isOld ? ["n_ctx"] : names, default: 1024, limit: limit)
    }

    /// A whole number under any of its names. Throws where two of them disagree.
    private func size(_ names: [String], default: Int, limit: Int) throws(ModelFileError) -> Int {
        var found: (name: String, size: Int)?
        for name in names {
            guard let value = fields.member(name) else { continue }
            guard let size = value.integer, size >= 1, size <= limit else {
                throw error(name, "\(value.shortText) is no whole number from 1 to \(limit)")
            }
            if let found, found.size != size {
                throw error(name, "\(size) contradicts \(found.name), which is \(found.size)")
            }
            found = (name, size)
        }
        return found?.size ?? `default`
    }

    private func epsilon() throws(ModelFileError) -> Float {
        guard let value = fields.member("layer_norm_epsilon") else { return 1e-5 }
        guard let number = value.number, number >= 0, number <= 1 else {
            throw error("layer_norm_epsilon", "\(value.shortText) is not within 0 to 1")
        }
        return Float(number)
    }

    private func activation() throws(ModelFileError) -> ActivationFunction {
        guard let value = fields.member("activation_function") else { return .geluNew }
        guard let name = value.string, let function = ActivationFunction(name: name) else {
            let known = ActivationFunction.allCases.map(\.name).joined(separator: ", ")
            throw error("activation_function", "\(value.shortText) is not supported, only \(known) are")
        }
        return function
    }
}

extension GPT2Configuration {
    /// Reads `config.json` in `directory`. Throws ``ModelFileError``.
    public init(directory: String) throws(ModelFileError) {
        self = try ConfigurationFile(directory: directory).configuration()
    }
}
