/// The activation function between the two projections of a layer's MLP.
public enum ActivationFunction: String, Sendable, CaseIterable {
    /// GELU by the hyperbolic tangent.
    case geluNew = "gelu_new"
    /// GELU by the error function.
    case gelu
    /// The greater of x and 0.
    case relu
    /// x times the logistic function of x.
    case silu

    /// Its name in config.json.
    public var name: String { rawValue }

    /// The function that Hugging Face's transformers knows under a name; nil for one that is not computed here. The names
    /// of one function differ in rounding at most.
    init?(name: String) {
        switch name {
        case "gelu_new", "gelu_pytorch_tanh", "gelu_fast", "gelu_python_tanh", "gelu_accurate": self = .geluNew
        case "gelu", "gelu_python": self = .gelu
        case "relu": self = .relu
        case "silu", "swish": self = .silu
        default: return nil
        }
    }
}
