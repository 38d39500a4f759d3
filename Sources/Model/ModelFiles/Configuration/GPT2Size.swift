/// The sizes that GPT-2 was published in.
public enum GPT2Size: String, Sendable, CaseIterable {
    case small, medium, large, xl

    public var layerCount: Int {
        switch self {
        case .small: 12
        case .medium: 24
        case .large: 36
        case .xl: 48
        }
    }

    /// Width of the residual stream.
    public var width: Int {
        switch self {
        case .small: 768
        case .medium: 1024
        case .large: 1280
        case .xl: 1600
        }
    }

    /// Number of attention heads, each 64 wide.
    public var headCount: Int { width / 64 }
}
