import Kernels

/// Measures a product with weights of one type and shape, at several numbers of rows.
struct KernelBench {
    struct Shape {
        let name: String
        let depth: Int
        let columns: Int
    }

    /// The products of GPT-2 XL.
    static let shapes = [
        Shape(name: "attn.c_attn", depth: 1_600, columns: 4_800),
        Shape(name: "attn.c_proj", depth: 1_600, columns: 1_600),
        Shape(name: "mlp.c_fc", depth: 1_600, columns: 6_400), Shape(name: "mlp.c_proj", depth: 6_400, columns: 1_600),
        Shape(name: "head", depth: 1_600, columns: 50_257),
    ]

    /// From so many rows on a product is a matter of arithmetic, and the same weights may be used again and again.
    static let arithmeticRows = 64

    struct Result: Encodable {
        let threads: Int
        let product: String
        let depth: Int
        let columns: Int
        let type: String
        let rows: Int
        let microseconds: Double
        let bytesPerSecond: Double
        let operationsPerSecond: Double
        /// Of the limit: the larger of bytes ÷ bandwidth and operations ÷ peak.
        let share: Double
        /// Time over that of one row, where that was measured.
        let ratioToOneRow: Double?
    }

    let team: ThreadTeam
    let limits: LimitRuns
    let runs: Int
    /// Weights that are gone through between two uses of the same.
    let weightBytes: Int

    func measure(_ shape: Shape, _ type: PackedType, rows: [Int]) throws -> [Result] {
        let first = try Self.weights(shape, type, team)
        let count = max(1, (weightBytes + first.byteCount - 1) / first.byteCount)
        let copies = try [first] + (1..<max(1, count)).map { _ in try first.copy() }
        var oneRow: Double?
        return rows.map { rows in
            let used = rows >= Self.arithmeticRows ? [first] : copies
            let paired = measure(used, rows: rows, type)
            if rows == 1 { oneRow = paired.seconds }
            return result(shape, type, rows: rows, paired, oneRow: oneRow)
        }
    }

    /// One pass over the weights, at least some milliseconds.
    private func measure(_ weights: [PackedMatrix], rows: Int, _ type: PackedType) -> PairedRuns {
        let (depth, columns) = (weights[0].depth, weights[0].columns)
        let input = Self.input(rows: rows, depth: depth)
        let output = Matrix(rows: rows, columns: columns)
        let passes = rows >= Self.arithmeticRows && weightBytes > 1 << 28 ? 8 : 1
        let cost = WorkCost(
            bytes: rows >= Self.arithmeticRows ? 0 : Double(weights[0].byteCount),
            operations: 2 * Double(rows) * Double(depth) * Double(columns))
        return PairedRuns(runs: runs, cost: cost) {
            limits.rates(type)
        } work: {
            let time = ContinuousClock().measure {
                for _ in 0..<passes {
                    for matrix in weights { team.multiply(input, by: matrix, bias: nil, into: output) }
                }
            }
            return time / .seconds(1) / Double(passes * weights.count)
        }
    }

    private func result(
        _ shape: Shape, _ type: PackedType, rows: Int, _ paired: PairedRuns, oneRow: Double?
    ) -> Result {
        let bytes = PackedMatrix.byteCount(type, depth: shape.depth, columns: shape.columns) ?? 0
        let operations = 2 * Double(rows) * Double(shape.depth) * Double(shape.columns)
        return Result(
            threads: team.threadCount, product: shape.name, depth: shape.depth, columns: shape.columns,
            type: type.rawValue, rows: rows, microseconds: 1e6 * paired.seconds,
            bytesPerSecond: Double(bytes) / paired.seconds, operationsPerSecond: operations / paired.seconds,
            share: paired.share, ratioToOneRow: oneRow.map { paired.seconds / $0 })
    }

    private static func weights(_ shape: Shape, _ type: PackedType, _ team: ThreadTeam) throws -> PackedMatrix {
        let bytes = bytes(shape.depth * shape.columns)
        return try PackedMatrix(
            bytes.span.bytes, type: .f16, layout: .inputMajor, depth: shape.depth, columns: shape.columns, as: type,
            team: team)
    }

    /// Numbers of half precision between -1 and 1 with no pattern that a quantizer could make use of.
    private static func bytes(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 2 * count) { buffer, initialized in
            for index in 0..<count {
                let hash = UInt32(truncatingIfNeeded: index) &* 2_654_435_761
                let half = UInt16(truncatingIfNeeded: hash >> 16) % 0x3C00 | UInt16(truncatingIfNeeded: hash & 0x8000)
                buffer[2 * index] = UInt8(truncatingIfNeeded: half)
                buffer[2 * index + 1] = UInt8(truncatingIfNeeded: half >> 8)
            }
            initialized = 2 * count
        }
    }

    private static func input(rows: Int, depth: Int) -> Matrix {
        let matrix = Matrix(rows: rows, columns: depth)
        matrix.withMutableValues { values in
            for index in values.indices { values[index] = Float(index &* 7_919 % 1_024) / 512 - 1 }
        }
        return matrix
    }
}
