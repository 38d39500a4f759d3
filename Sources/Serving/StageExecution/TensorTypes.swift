import GPT2
import Messages

extension TensorType {
    /// How weights are packed, as it travels.
    public init(_ type: PackedType) {
        self =
            switch type {
            case .f32: .f32
            case .f16: .f16
            case .bf16: .bf16
            case .int8: .int8
            case .int4: .int4
            }
    }

    /// How keys and values are stored, as it travels.
    public init(_ type: CacheType) { self = type == .f16 ? .f16 : .f32 }
}

extension PackedType {
    public init(_ type: TensorType) {
        self =
            switch type {
            case .f32: .f32
            case .f16: .f16
            case .bf16: .bf16
            case .int8: .int8
            case .int4: .int4
            }
    }
}

extension CacheType {
    /// nil for types in which keys and values are not stored.
    public init?(_ type: TensorType) {
        switch type {
        case .f32: self = .f32
        case .f16: self = .f16
        case .bf16, .int8, .int4: return nil
        }
    }
}
