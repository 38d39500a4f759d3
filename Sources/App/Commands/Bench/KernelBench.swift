import Kernels

/// Measures a product with weights of one type and shape, at several numbers of rows.
struct KernelBench {
    struct Shape {
        let name: String
        let depth: Int
        let columns: Int

        /// Operations, two a multiply-add, of a product with so many rows.
        func operations(rows: Int) -> Double { 2 * Double(rows) * Double(depth) * Double(columns) }
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
        /// Time over that of one row, run in turn with it; only of products whose weights come from memory.
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
        return rows.map { rows in
            rows >= Self.arithmeticRows ? arithmetic(first, shape, rows: rows) : memory(copies, shape, rows: rows)
        }
    }

    /// A product that is a matter of arithmetic, always with the same weights.
    private func arithmetic(_ weights: PackedMatrix, _ shape: Shape, rows: Int) -> Result {
        let pass = ProductPass(team: team, weights: [weights], rows: rows)
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
        let pass = ProductPass(team: team, weights: copies, rows: rows)
        let oneRow = rows == 1 ? nil : ProductPass(team: team, weights: copies, rows: 1)
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
            threads: team.threadCount, product: shape.name, depth: shape.depth, columns: shape.columns,
            type: weights.type.rawValue, rows: rows, microseconds: 1e6 * paired.seconds,
            bytesPerSecond: Double(weights.byteCount) / paired.seconds,
            operationsPerSecond: shape.operations(rows: rows) / paired.seconds, share: paired.share,
            ratioToOneRow: ratioToOneRow)
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
}

/// Products of the same input with some matrices of weights, one after another.
private struct ProductPass {
    private let team: ThreadTeam
    private let weights: [PackedMatrix]
    private let input: ProductInput
    private let output: Matrix

    /// The matrices are all of one shape.
    init(team: ThreadTeam, weights: [PackedMatrix], rows: Int) {
        (self.team, self.weights) = (team, weights)
        input = ProductInput(rows: rows, depth: weights[0].depth, for: weights[0].type, from: MatrixPool())
        output = Matrix(rows: rows, columns: weights[0].columns)
        input.values.withMutableValues { values in
            for index in values.indices { values[index] = Float(index &* 7_919 % 1_024) / 512 - 1 }
        }
    }

    /// Seconds of a product: goes through all matrices once, and again until it has taken that long.
    func seconds(lasting duration: Duration) -> Double {
        let clock = ContinuousClock()
        let began = clock.now
        var time = Duration.zero
        var passes = 0
        repeat {
            for matrix in weights {
                team.quantize(input)
                team.multiply(input, by: matrix, bias: nil, into: output)
            }
            passes += 1
            time = clock.now - began
        } while time < duration
        return time / .seconds(1) / Double(passes * weights.count)
    }
}
