import JSON

extension GPT2Configuration {
    /// Writes config.json of a model with this shape into `directory`, in Hugging Face's format. `type` is what PyTorch
    /// calls the weights' type, `endOfText` the token that begins and ends a text. Throws ``ModelFileError``.
    public func write(to directory: String, type: String, endOfText: Int?) throws(ModelFileError) {
        let file = try AtomicFile(path: ModelDirectory(directory).configuration)
        let text = Array(fileText(type: type, endOfText: endOfText).utf8)
        try file.write(text.span.bytes)
        try file.commit(durable: true)
    }

    private func fileText(type: String, endOfText: Int?) -> String {
        let token = endOfText.map { "\($0)" } ?? "null"
        let fields: [(String, String)] = [
            ("activation_function", jsonText(activation.name)), ("architectures", "[\"GPT2LMHeadModel\"]"),
            ("bos_token_id", token), ("eos_token_id", token),
            ("layer_norm_epsilon", "\(layerNormEpsilon)"), ("model_type", "\"gpt2\""), ("n_ctx", "\(contextLength)"),
            ("n_embd", "\(width)"), ("n_head", "\(headCount)"), ("n_inner", "\(innerWidth)"),
            ("n_layer", "\(layerCount)"), ("n_positions", "\(contextLength)"),
            ("scale_attn_by_inverse_layer_idx", "\(scalesAttentionByLayer)"),
            ("scale_attn_weights", "\(scalesAttention)"), ("tie_word_embeddings", "true"),
            ("torch_dtype", jsonText(type)), ("vocab_size", "\(vocabularySize)"),
        ]
        return "{\n" + fields.map { "  \"\($0)\": \($1)" }.joined(separator: ",\n") + "\n}\n"
    }
}
