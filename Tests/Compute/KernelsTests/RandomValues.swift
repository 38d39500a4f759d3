import Kernels
import TestSupport

extension SplitMix64 {
    /// Values between -`limit` and `limit`.
    mutating func floats(_ count: Int, limit: Float = 1) -> [Float] {
        (0..<count).map { _ in Float.random(in: -limit...limit, using: &self) }
    }
}

/// The kernels that this machine takes unless told otherwise.
let fastestKernels = (InstructionSet.supported.last ?? .portable).kernels

/// Half an ulp of 1: the greatest relative error of one rounding.
let unitRoundoff = 0x1p-24

extension Matrix {
    convenience init(_ values: [Float], rows: Int, columns: Int) {
        self.init(rows: rows, columns: columns)
        withMutableValues { span in
            for index in values.indices { span[index] = values[index] }
        }
    }

    var allValues: [Float] { (0..<rows).flatMap(row) }

    var bits: [UInt32] { allValues.map(\.bitPattern) }
}

/// Little-endian bytes of weights in the given type, truncated where it is narrower.
func stored(_ values: [Float], as type: WeightType) -> [UInt8] {
    switch type {
    case .f32: values.flatMap { littleEndianBytes($0.bitPattern) }
    case .f16: values.flatMap { littleEndianBytes(Float16($0).bitPattern) }
    case .bf16: values.flatMap { littleEndianBytes(UInt16($0.bitPattern >> 16)) }
    }
}

/// What is left of the values once they are stored in that type.
func rounded(_ values: [Float], as type: WeightType) -> [Float] {
    switch type {
    case .f32: values
    case .f16: values.map { Float(Float16($0)) }
    case .bf16: values.map { Float(bitPattern: $0.bitPattern & 0xFFFF_0000) }
    }
}

private func littleEndianBytes<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    (0..<Value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}

/// The sum that every kernel makes of values: 16 lanes over ascending index, then lane i with i + 8, + 4, + 2, + 1.
func laneSum(_ count: Int, _ accumulate: (_ lane: inout Float, _ index: Int) -> Void) -> Float {
    var lanes = [Float](repeating: 0, count: 16)
    for index in 0..<count { accumulate(&lanes[index % 16], index) }
    for half in [8, 4, 2, 1] {
        for lane in 0..<half { lanes[lane] += lanes[lane + half] }
    }
    return lanes[0]
}
