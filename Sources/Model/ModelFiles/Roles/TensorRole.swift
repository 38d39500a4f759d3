/// What a tensor of weights is for in a GPT-2, whatever file it is in and whatever it is called there.
///
/// Vectors have the shape [size]; projections [inputs, outputs]; `tokenEmbedding` and `outputHead` [vocabulary size,
/// width]; `positionEmbedding` [context length, width].
public enum TensorRole: Sendable, Hashable {
    case tokenEmbedding
    case positionEmbedding
    case layer(Int, LayerTensor)
    case finalNormWeight
    case finalNormBias
    /// Where it is not the token embedding.
    case outputHead
}

/// The tensors of one transformer layer, in the order in which they are applied.
public enum LayerTensor: Sendable, Hashable, CaseIterable {
    case attentionNormWeight, attentionNormBias
    /// Queries, keys and values side by side.
    case qkvWeight, qkvBias
    case outputProjectionWeight, outputProjectionBias
    case mlpNormWeight, mlpNormBias
    case mlpUpWeight, mlpUpBias
    case mlpDownWeight, mlpDownBias
}
