/// How the weights of a product are laid out in memory and in packed model files.
///
/// Columns are grouped into panels of 16 with all of the depth k. Panels follow one another, each a multiple of 64 bytes;
/// columns past the last are zero. The same bytes serve every instruction set.
///
/// | type | a panel |
/// |---|---|
/// | f32, bf16, f16 | [k][16] |
/// | int8 | scales f16 [k / 64][16], padded to 64 bytes; weights + 128 as u8, [k / 4][16][4] |
/// | int4 | scales f16 [k / 32][16], padded to 64 bytes; weights + 8, [k / 8][16][4] bytes: k 0 to 3 of each eight in the low halves, 4 to 7 in the high ones |
///
/// Depth is padded with zero weights to whole groups.
public enum PackedType: String, Sendable, CaseIterable {
    case f32, bf16, f16, int8, int4

    /// The depth that shares a scale, in weights and in activations; nil for types without scales.
    public var groupSize: Int? {
        switch self {
        case .f32, .bf16, .f16: nil
        case .int8: 64
        case .int4: 32
        }
    }

    /// Columns of a panel.
    static let panelWidth = 16

    /// The number of panels for so many columns.
    static func panelCount(columns: Int) -> Int { columns / panelWidth + (columns % panelWidth == 0 ? 0 : 1) }

    /// Bits of one weight, not counting its share of a scale.
    var bitCount: Int {
        switch self {
        case .f32: 32
        case .bf16, .f16: 16
        case .int8: 8
        case .int4: 4
        }
    }

    /// The number that identifies the type to kernels.
    var code: Int32 {
        switch self {
        case .f32: 0
        case .f16: 1
        case .bf16: 2
        case .int8: 3
        case .int4: 4
        }
    }

    /// Bytes of the scales at the start of a panel. `depth` must be one for which ``panelByteCount(depth:)`` is not
    /// nil.
    func scaleByteCount(depth: Int) -> Int {
        groupSize.map { (((depth + $0 - 1) / $0) * 32 + 63) / 64 * 64 } ?? 0
    }

    /// Bytes of a panel of that depth; nil if it overflows.
    func panelByteCount(depth: Int) -> Int? {
        guard depth > 0, depth <= Int.max >> 8 else { return nil }
        let group = groupSize ?? 1
        let weights = (depth + group - 1) / group * group * bitCount * 2
        return scaleByteCount(depth: depth) + (weights + 63) / 64 * 64
    }
}
