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
        ])
}
