/// A tensor that a GPT-2 has, whatever file it is in.
public struct ModelTensor: Sendable, Equatable {
    /// What a tensor holds before training.
    public enum Initial: Sendable, Equatable {
        /// The same value everywhere.
        case constant(Float)
        /// Normally distributed around 0.
        case normal(standardDeviation: Float)
    }

    public let role: TensorRole
    /// Its dimensions, outermost first; a projection's weights are [inputs, outputs].
    public let shape: [Int]
    /// What it holds before training.
    public let initial: Initial

    /// The product of the shape.
    public var elementCount: Int { shape.reduce(1, *) }
}

/// Which tensors a model of this shape has. The values before training are those of OpenAI's code (weights 0.02,
/// positions 0.01), with projections onto the residual stream scaled down by the root of their number, as the GPT-2
/// paper says (Radford and others, Language Models are Unsupervised Multitask Learners, 2019, section 2.3).
extension GPT2Configuration {
    private static let weights = ModelTensor.Initial.normal(standardDeviation: 0.02)

    /// All tensors, each once: embeddings, layers ascending, final layer norm, and the output head where it is not
    /// `tied` to the token embedding.
    public func tensors(tied: Bool = true) -> [ModelTensor] {
        var tensors = [
            ModelTensor(role: .tokenEmbedding, shape: [vocabularySize, width], initial: Self.weights),
            ModelTensor(
                role: .positionEmbedding, shape: [contextLength, width], initial: .normal(standardDeviation: 0.01)),
        ]
        for layer in 0..<layerCount {
            tensors += LayerTensor.allCases.map { tensor($0, layer: layer) }
        }
        tensors += [
            ModelTensor(role: .finalNormWeight, shape: [width], initial: .constant(1)),
            ModelTensor(role: .finalNormBias, shape: [width], initial: .constant(0)),
        ]
        if !tied {
            tensors.append(ModelTensor(role: .outputHead, shape: [vocabularySize, width], initial: Self.weights))
        }
        return tensors
    }

    private func tensor(_ tensor: LayerTensor, layer: Int) -> ModelTensor {
        // A layer has two projections onto the residual stream.
        let residual = ModelTensor.Initial.normal(standardDeviation: 0.02 / Float(2 * layerCount).squareRoot())
        let (shape, initial): ([Int], ModelTensor.Initial) =
            switch tensor {
            case .attentionNormWeight, .mlpNormWeight: ([width], .constant(1))
            case .attentionNormBias, .mlpNormBias, .outputProjectionBias, .mlpDownBias: ([width], .constant(0))
            case .qkvWeight: ([width, 3 * width], Self.weights)
            case .qkvBias: ([3 * width], .constant(0))
            case .outputProjectionWeight: ([width, width], residual)
            case .mlpUpWeight: ([width, innerWidth], Self.weights)
            case .mlpUpBias: ([innerWidth], .constant(0))
            case .mlpDownWeight: ([innerWidth, width], residual)
            }
        return ModelTensor(role: .layer(layer, tensor), shape: shape, initial: initial)
    }
}
