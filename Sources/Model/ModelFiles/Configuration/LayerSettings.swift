/// How the layers of a model compute, where models differ beside their size; by default as GPT-2 does.
public struct LayerSettings: Sendable {
    /// Width inside the MLP; nil for four times the model's.
    let innerWidth: Int?
    let layerNormEpsilon: Float
    let activation: ActivationFunction
    let scalesAttention: Bool
    let scalesAttentionByLayer: Bool

    public init(
        innerWidth: Int? = nil, layerNormEpsilon: Float = 1e-5, activation: ActivationFunction = .geluNew,
        scalesAttention: Bool = true, scalesAttentionByLayer: Bool = false
    ) {
        (self.innerWidth, self.layerNormEpsilon, self.activation) = (innerWidth, layerNormEpsilon, activation)
        (self.scalesAttention, self.scalesAttentionByLayer) = (scalesAttention, scalesAttentionByLayer)
    }
}
