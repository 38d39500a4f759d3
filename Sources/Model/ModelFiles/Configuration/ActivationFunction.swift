/// The activation function between the two projections of a layer's MLP.
public enum ActivationFunction: Sendable {
    /// GELU by the hyperbolic tangent.
    case geluNew
    /// GELU by the error function.
    case gelu

    /// Its name in config.json.
    public var name: String {
        switch self {
        case .geluNew: "gelu_new"
        case .gelu: "gelu"
        }
    }
}
