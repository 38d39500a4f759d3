extension NameMap {
    /// The names in Hugging Face's files, which OpenAI's code had first.
    static let huggingFace = NameMap(
        tokenEmbedding: "wte.weight", positionEmbedding: "wpe.weight", finalNormWeight: "ln_f.weight",
        finalNormBias: "ln_f.bias", outputHead: "lm_head.weight", layerPrefix: "h.",
        layerTensors: [
            .attentionNormWeight: "ln_1.weight", .attentionNormBias: "ln_1.bias",
            .qkvWeight: "attn.c_attn.weight", .qkvBias: "attn.c_attn.bias",
            .outputProjectionWeight: "attn.c_proj.weight", .outputProjectionBias: "attn.c_proj.bias",
            .mlpNormWeight: "ln_2.weight", .mlpNormBias: "ln_2.bias",
            .mlpUpWeight: "mlp.c_fc.weight", .mlpUpBias: "mlp.c_fc.bias",
            .mlpDownWeight: "mlp.c_proj.weight", .mlpDownBias: "mlp.c_proj.bias",
        ],
        // The model inside one with a head; trainers; data parallelism; torch.compile.
        prefixes: ["transformer.", "model.", "module.", "_orig_mod."],
        // Heads for other tasks than the next token, and what optimizers keep.
        unneeded: ["score.", "classifier.", "qa_outputs.", "v_head.", "multiple_choice_head.", "optimizer."],
        // The causal mask and the value behind it.
        unneededInLayer: ["attn.bias", "attn.masked_bias"])

    /// The names in nanoGPT's checkpoints: the same, with projections as torch.nn.Linear stores them.
    static let nanoGPT = {
        var names = huggingFace
        names.hasTransposedProjections = true
        return names
    }()
}
