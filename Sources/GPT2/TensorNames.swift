extension GPT2Configuration {
    /// The names of a layer's tensors, for reading and for digests of what a process holds.
    public static func tensorNames(layer: Int) -> [String] {
        ["ln_1", "attn.c_attn", "attn.c_proj", "ln_2", "mlp.c_fc", "mlp.c_proj"].flatMap {
            ["h.\(layer).\($0).weight", "h.\(layer).\($0).bias"]
        }
    }

    /// The names of the tensors that the first stage holds besides its layers: token and position embeddings.
    public static let embeddingTensorNames = ["wte.weight", "wpe.weight"]

    /// The names of the tensors that the last stage holds besides its layers: final layer norm and output head, which is
    /// the token embedding where it is `tied`.
    public static func headTensorNames(tied: Bool) -> [String] {
        ["ln_f.weight", "ln_f.bias", tied ? "wte.weight" : "lm_head.weight"]
    }
}
