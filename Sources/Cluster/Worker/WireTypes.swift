import GPT2
import Wire

extension WireElementType {
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
    init(_ type: WireElementType) {
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
    init?(_ type: WireElementType) {
        switch type {
        case .f32: self = .f32
        case .f16: self = .f16
        case .bf16, .int8, .int4: return nil
        }
    }
}
