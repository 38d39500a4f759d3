import Kernels
import Observe

/// Measures a product with weights of one type and shape, at several numbers of rows.
package struct KernelBench {
    package struct Shape: Sendable {
        package let name: String
        package let depth: Int
        package let columns: Int

        /// Operations, two a multiply-add, of a product with so many rows.
        func operations(rows: Int) -> Double { 2 * Double(rows) * Double(depth) * Double(columns) }
    }

    /// The products of GPT-2 XL.
    package static let shapes = [
        Shape(name: "attn.c_attn", depth: 1_600, columns: 4_800),
        Shape(name: "attn.c_proj", depth: 1_600, columns: 1_600),
        Shape(name: "mlp.c_fc", depth: 1_600, columns: 6_400), Shape(name: "mlp.c_proj", depth: 6_400, columns: 1_600),
        Shape(name: "head", depth: 1_600, columns: 50_257),
    ]

    /// From so many rows on a product is a matter of arithmetic, and the same weights may be used again and again.
    static let arithmeticRows = 64

    package struct Result: Encodable, Sendable {
        package let threads: Int
        package let product: String
        package let depth: Int
        package let columns: Int
        package let type: String
        package let rows: Int
        package let microseconds: Double
        package let bytesPerSecond: Double
        package let operationsPerSecond: Double
        /// Of the limit: the larger of bytes ÷ bandwidth and operations ÷ peak.
        package let share: Double
        /// Time over that of one row, run in turn with it; only of products whose weights come from memory.
        package let ratioToOneRow: Double?
    }

    private let backend: Backend
    private let limits: LimitRuns
    private let runs: Int
    private let weightBytes: Int

    /// - Parameter weightBytes: that are gone through between two uses of the same weights.
    package init(backend: Backend, limits: LimitRuns, runs: Int, weightBytes: Int) {
        (self.backend, self.limits, self.runs, self.weightBytes) = (backend, limits, runs, weightBytes)
    }

    package func measure(_ shape: Shape, _ type: PackedType, rows: [Int]) throws -> [Result] {
        let first = try Self.weights(shape, type, backend)
        let count = max(1, (weightBytes + first.byteCount - 1) / first.byteCount)
        let copies = try [first] + (1..<max(1, count)).map { _ in try first.copy() }
        return rows.map { rows in
            rows >= Self.arithmeticRows ? arithmetic(first, shape, rows: rows) : memory(copies, shape, rows: rows)
        }
    }

    /// A product that is a matter of arithmetic, always with the same weights.
    private func arithmetic(_ weights: PackedMatrix, _ shape: Shape, rows: Int) -> Result {
        let pass = ProductPass(backend: backend, weights: [weights], rows: rows)
        let cost = WorkCost(bytes: 0, operations: shape.operations(rows: rows))
        let paired = PairedRuns(runs: runs, cost: cost) {
            limits.rates(weights.type)
        } work: {
            pass.seconds(lasting: limits.duration)
        }
        return result(shape, weights, rows: rows, paired, ratioToOneRow: nil)
    }

    /// A product whose weights come from memory; each run of several rows is followed by one of one row.
    private func memory(_ copies: [PackedMatrix], _ shape: Shape, rows: Int) -> Result {
        let pass = ProductPass(backend: backend, weights: copies, rows: rows)
        let oneRow = rows == 1 ? nil : ProductPass(backend: backend, weights: copies, rows: 1)
        let cost = WorkCost(bytes: Double(copies[0].byteCount), operations: shape.operations(rows: rows))
        var ratios: [Double] = []
        let paired = PairedRuns(runs: runs, cost: cost) {
            limits.rates(copies[0].type)
        } work: {
            let seconds = pass.seconds(lasting: limits.duration)
            if let oneRow { ratios.append(seconds / oneRow.seconds(lasting: limits.duration)) }
            return seconds
        }
        // The first run of the work does not count.
        let ratio = oneRow == nil ? nil : median(Array(ratios.dropFirst()))
        return result(shape, copies[0], rows: rows, paired, ratioToOneRow: ratio)
    }

    private func result(
        _ shape: Shape, _ weights: PackedMatrix, rows: Int, _ paired: PairedRuns, ratioToOneRow: Double?
    ) -> Result {
        Result(
            threads: backend.threadCount, product: shape.name, depth: shape.depth, columns: shape.columns,
            type: weights.type.rawValue, rows: rows, microseconds: 1e6 * paired.seconds,
            bytesPerSecond: Double(weights.byteCount) / paired.seconds,
            operationsPerSecond: shape.operations(rows: rows) / paired.seconds, share: paired.share,
            ratioToOneRow: ratioToOneRow)
    }

    private static func weights(_ shape: Shape, _ type: PackedType, _ backend: Backend) throws -> PackedMatrix {
        let bytes = bytes(shape.depth * shape.columns)
        return try PackedMatrix(
            bytes.span.bytes, type: .f16, layout: .inputMajor, depth: shape.depth, columns: shape.columns, as: type,
            backend: backend)
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
}
