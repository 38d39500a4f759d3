import Kernels
import TestSupport

/// A product with quantized weights, and what it has to give, worked out from the packed bytes one number at a time.
struct QuantizedCase {
    let rows: Int
    let depth: Int
    let columns: Int
    let type: PackedType
    var input: [Float]
    let bias: [Float]
    private(set) var packed: PackedMatrix

    init(_ rows: Int, _ depth: Int, _ columns: Int, _ type: PackedType) throws {
        (self.rows, self.depth, self.columns, self.type) = (rows, depth, columns, type)
        var random = SplitMix64(seed: UInt64(rows * depth + columns))
        input = random.floats(rows * depth, limit: 3)
        bias = random.floats(columns)
        packed = try Self.pack(random.floats(depth * columns), depth, columns, type)
    }

    mutating func pack(_ weights: [Float]) throws { packed = try Self.pack(weights, depth, columns, type) }

    private static func pack(_ weights: [Float], _ depth: Int, _ columns: Int, _ type: PackedType) throws
        -> PackedMatrix
    {
        try PackedMatrix(
            stored(weights, as: .f32).span.bytes, type: .f32, layout: .inputMajor, depth: depth, columns: columns,
            as: type, backend: Backend(threadCount: 1))
    }

    func multiply(backend: Backend) -> Matrix {
        let output = Matrix(rows: rows, columns: columns)
        backend.multiply(Matrix(input, rows: rows, columns: depth), by: packed, bias: Matrix(row: bias), into: output)
        return output
    }

    /// The weights of a column as they are in the panels.
    func weights(_ column: Int) -> [Double] {
        let panels = QuantizedPanels(packed)
        return (0..<depth).map { Double(panels.integer($0, column)) * Double(panels.scale($0 / panels.size, column)) }
    }

    var expected: [Float] {
        let panels = QuantizedPanels(packed)
        return (0..<rows).flatMap { row in
            let groups = stride(from: 0, to: depth, by: panels.size).map { start in
                QuantizedGroup(Array(input[row * depth + start..<row * depth + min(depth, start + panels.size)]))
            }
            return (0..<columns).map { column in
                var sum: Float = 0
                for (index, group) in groups.enumerated() {
                    let integers = group.integers.enumerated().map {
                        $1 * panels.integer(index * panels.size + $0, column)
                    }
                    let scale = panels.scale(index, column) * group.scale
                    sum.addProduct(Float(integers.reduce(0, +)), scale)
                }
                return sum + bias[column]
            }
        }
    }
}

/// Activations of a group as section 3 of the design has them.
struct QuantizedGroup {
    let scale: Float
    let integers: [Int]

    init(_ values: [Float]) {
        let greatest = values.map(abs).max() ?? 0
        let inverse = 127 / greatest
        guard inverse.isFinite else {
            (scale, integers) = (0, values.map { _ in 0 })
            return
        }
        scale = greatest / 127
        integers = values.map { Int(($0 * inverse).rounded(.toNearestOrEven)) }
    }
}

/// Reads panels as the table at `PackedType` says.
struct QuantizedPanels {
    let size: Int
    private let bytes: [UInt8]
    private let isInt4: Bool
    private let scaleBytes: Int
    private let panelBytes: Int

    init(_ packed: PackedMatrix) {
        var bytes: [UInt8] = []
        packed.withBytes { span in span.withUnsafeBytes { bytes = Array($0) } }
        self.bytes = bytes
        isInt4 = packed.type == .int4
        size = isInt4 ? 32 : 64
        let groups = (packed.depth + size - 1) / size
        scaleBytes = (groups * 32 + 63) / 64 * 64
        panelBytes = scaleBytes + groups * size * (isInt4 ? 8 : 16)
    }

    func scale(_ group: Int, _ column: Int) -> Float {
        let at = column / 16 * panelBytes + (group * 16 + column % 16) * 2
        return Float(Float16(bitPattern: UInt16(bytes[at]) | UInt16(bytes[at + 1]) << 8))
    }

    func integer(_ k: Int, _ column: Int) -> Int {
        let start = column / 16 * panelBytes + scaleBytes + column % 16 * 4 + k % 4
        if !isInt4 { return Int(bytes[start + k / 4 * 64]) - 128 }
        let byte = bytes[start + k / 8 * 64]
        return Int(k % 8 < 4 ? byte & 15 : byte >> 4) - 8
    }
}
