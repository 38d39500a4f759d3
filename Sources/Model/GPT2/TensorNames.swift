/// The layer norms and projections of one transformer layer, in the order in which they are applied; the raw values are
/// their names in model files. Each has a `weight` and a `bias`.
enum LayerPart: String, CaseIterable {
    case attentionNorm = "ln_1"
    case attentionInput = "attn.c_attn"
    case attentionOutput = "attn.c_proj"
    case innerNorm = "ln_2"
    case innerInput = "mlp.c_fc"
    case innerOutput = "mlp.c_proj"

    /// The name in a model file, to which `.weight` or `.bias` is added.
    func name(layer: Int) -> String { "h.\(layer).\(rawValue)" }
}

extension GPT2Configuration {
    /// The names of a layer's tensors, for reading and for digests of what a process holds.
    public static func tensorNames(layer: Int) -> [String] {
        LayerPart.allCases.map { $0.name(layer: layer) }.flatMap { ["\($0).weight", "\($0).bias"] }
    }

    /// The names of the tensors that the first stage holds besides its layers: token and position embeddings.
    public static let embeddingTensorNames = ["wte.weight", "wpe.weight"]

    /// The names of the tensors that the last stage holds besides its layers: final layer norm and output head, which is
    /// the token embedding where it is `tied`.
    public static func headTensorNames(tied: Bool) -> [String] {
        ["ln_f.weight", "ln_f.bias", tied ? "wte.weight" : "lm_head.weight"]
    }
}
