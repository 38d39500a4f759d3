/// A tensor that a GPT-2 has, whatever file it is in.
public struct ModelTensor: Sendable, Equatable {
    /// What a tensor holds before training.
    public enum Initial: Sendable, Equatable {
        /// The same value everywhere.
        case constant(Float)
        /// Normally distributed around 0.
        case normal(standardDeviation: Float)
    }

    /// Its name, without the prefix that some files put before it.
    public let name: String
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
            ModelTensor(name: "wte.weight", shape: [vocabularySize, width], initial: Self.weights),
            ModelTensor(name: "wpe.weight", shape: [context, width], initial: .normal(standardDeviation: 0.01)),
        ]
        tensors += (0..<layerCount).flatMap(tensors(layer:))
        tensors += norm("ln_f")
        if !tied {
            tensors.append(ModelTensor(name: "lm_head.weight", shape: [vocabularySize, width], initial: Self.weights))
        }
        return tensors
    }

    /// The tensors of one layer.
    public func tensors(layer: Int) -> [ModelTensor] {
        // A layer has two projections onto the residual stream.
        let residual = ModelTensor.Initial.normal(standardDeviation: 0.02 / Float(2 * layerCount).squareRoot())
        return LayerPart.allCases.flatMap { part in
            let name = part.name(layer: layer)
            return switch part {
            case .attentionNorm, .innerNorm: norm(name)
            case .attentionInput: projection(name, width, 3 * width, Self.weights)
            case .attentionOutput: projection(name, width, width, residual)
            case .innerInput: projection(name, width, innerWidth, Self.weights)
            case .innerOutput: projection(name, innerWidth, width, residual)
            }
        }
    }

    private func norm(_ name: String) -> [ModelTensor] {
        [
            ModelTensor(name: name + ".weight", shape: [width], initial: .constant(1)),
            ModelTensor(name: name + ".bias", shape: [width], initial: .constant(0)),
        ]
    }

    private func projection(
        _ name: String, _ inputs: Int, _ outputs: Int, _ initial: ModelTensor.Initial
    ) -> [ModelTensor] {
        [
            ModelTensor(name: name + ".weight", shape: [inputs, outputs], initial: initial),
            ModelTensor(name: name + ".bias", shape: [outputs], initial: .constant(0)),
        ]
    }
}
