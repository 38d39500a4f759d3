/// Tensors that a stage holds together, and that are known by one digest.
public enum TensorGroup: Sendable, Hashable, CustomStringConvertible {
    case layer(Int)
    /// Token and position embeddings, which the first stage holds.
    case embedding
    /// The final layer norm and the output head, which the last stage holds.
    case head

    /// Its name between coordinator and workers: "layer 0" …, "embedding", "head".
    public var description: String {
        switch self {
        case .layer(let layer): "layer \(layer)"
        case .embedding: "embedding"
        case .head: "head"
        }
    }

    /// The roles of its tensors. The head of a model whose head is `tied` uses the token embedding's weights.
    public func roles(tied: Bool) -> [TensorRole] {
        switch self {
        case .layer(let layer): LayerTensor.allCases.map { .layer(layer, $0) }
        case .embedding: [.tokenEmbedding, .positionEmbedding]
        case .head: [.finalNormWeight, .finalNormBias, tied ? .tokenEmbedding : .outputHead]
        }
    }

    /// The roles of the tensors in its own file of a packed model: a tied head's weights are in that of the embedding.
    func ownRoles(tied: Bool) -> [TensorRole] {
        roles(tied: tied).filter { self != .head || $0 != .tokenEmbedding }
    }

    /// The groups that a stage with these layers of `layerCount` holds.
    public static func groups(of layers: Range<Int>, layerCount: Int) -> [TensorGroup] {
        var groups = layers.map(TensorGroup.layer)
        if layers.lowerBound == 0 { groups.append(.embedding) }
        if layers.upperBound == layerCount { groups.append(.head) }
        return groups
    }
}
