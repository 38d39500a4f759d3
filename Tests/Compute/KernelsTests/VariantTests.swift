import Kernels
import TestSupport
import Testing

/// Random inputs; a failure names their seed.
@Suite("Every variant of the kernels gives the same bits")
struct VariantTests {
    private let seed = TestSeed.value

    /// Computes with each variant that this machine runs, the portable one first, and compares.
    private func expectSameBits(
        _ what: String, _ compute: (_ instructionSet: InstructionSet) throws -> [UInt32]
    ) rethrows {
        let expected = try compute(.portable)
        for instructionSet in InstructionSet.supported.dropFirst() {
            let found = try compute(instructionSet)
            #expect(found == expected, "\(what), \(instructionSet), seed \(seed)")
        }
    }

    @Test("in products of 1 to 70 rows on 1 to 5 threads", arguments: PackedType.allCases)
    func products(type: PackedType) throws {
        var random = SplitMix64(seed: seed)
        let backends = try InstructionSet.supported.map { instructionSet in
            try (1...5).map { try Backend(threadCount: $0, instructionSet: instructionSet) }
        }
        for rows in 1...70 {
            let (depth, columns) = (Int.random(in: 1...90, using: &random), Int.random(in: 1...120, using: &random))
            let weights = stored(random.floats(depth * columns), as: .f32)
            let packed = try PackedMatrix(
                weights.span.bytes, type: .f32, layout: .inputMajor, depth: depth, columns: columns, as: type,
                backend: backends[0][4])
            let x = Matrix(random.floats(rows * depth, limit: 3), rows: rows, columns: depth)
            let bias = Matrix(random.floats(columns), rows: 1, columns: columns)
            var expected: [UInt32]?
            for (backend, instructionSet) in zip(backends, InstructionSet.supported) {
                for threads in 1...5 {
                    let output = Matrix(rows: rows, columns: columns)
                    backend[threads - 1].multiply(x, by: packed, bias: bias, into: output)
                    expected = expected ?? output.bits
                    let same = output.bits == expected
                    #expect(
                        same,
                        "\(rows) × \(depth) × \(columns), \(instructionSet), \(threads) threads, seed \(seed)")
                }
            }
        }
    }

    @Test(
        "in products that are cut into blocks of rows and of depth", arguments: [1, 2, 9, 50, 129, 200],
        PackedType.allCases)
    func blockedProducts(rows: Int, type: PackedType) throws {
        var random = SplitMix64(seed: seed)
        let (depth, columns) = (
            Int.random(in: 1_701...3_600, using: &random) * (type.groupSize == nil ? 1 : 2), 3 * 16 + 5
        )
        let weights = stored(random.floats(depth * columns), as: .f32)
        let x = Matrix(random.floats(rows * depth), rows: rows, columns: depth)
        try expectSameBits("\(type), \(rows) × \(depth) × \(columns)") { instructionSet in
            let backend = try Backend(threadCount: 3, instructionSet: instructionSet)
            let packed = try PackedMatrix(
                weights.span.bytes, type: .f32, layout: .inputMajor, depth: depth, columns: columns, as: type,
                backend: backend)
            let output = Matrix(rows: rows, columns: columns)
            backend.multiply(x, by: packed, bias: nil, into: output)
            return output.bits
        }
    }

    @Test("in rows with values that are not finite", arguments: PackedType.allCases)
    func notFinite(type: PackedType) throws {
        var random = SplitMix64(seed: seed)
        let (rows, depth, columns) = (19, 40, 70)
        let weights = stored(random.floats(depth * columns), as: .bf16)
        var values = random.floats(rows * depth)
        for value in [Float.nan, .infinity, -.infinity] {
            values[Int.random(in: values.indices, using: &random)] = value
        }
        try expectSameBits("a product") { instructionSet in
            let backend = try Backend(threadCount: 2, instructionSet: instructionSet)
            let packed = try PackedMatrix(
                weights.span.bytes, type: .bf16, layout: .outputMajor, depth: depth, columns: columns, as: type,
                backend: backend)
            let output = Matrix(rows: rows, columns: columns)
            backend.multiply(
                Matrix(values, rows: rows, columns: depth), by: packed, bias: nil, then: .geluByTanh, into: output)
            return canonicalBits(output.allValues)
        }
    }

    @Test("in attention", arguments: [1, 15, 16, 17, 63, 64, 65, 129], CacheType.allCases)
    func attention(width: Int, type: CacheType) throws {
        var random = SplitMix64(seed: seed &+ UInt64(width))
        let lengths = (0..<3).map { _ in Int.random(in: 1...40, using: &random) }
        let item = AttentionCase(headCount: 2, headWidth: width, lengths: lengths, type: type, seed: seed)
        for threads in 1...5 {
            for chunk in [1, Int.random(in: 2...40, using: &random), .max] {
                try expectSameBits("\(width) wide, \(lengths) rows by \(chunk), \(threads) threads") { instructionSet in
                    let backend = try Backend(threadCount: threads, instructionSet: instructionSet)
                    return try item.attend(backend, item.cache(), chunk: chunk).bits
                }
            }
        }
    }

    @Test("in layer norm", arguments: [1, 15, 16, 17, 33, 64, 80, 129])
    func layerNorm(width: Int) throws {
        var random = SplitMix64(seed: seed &+ UInt64(width))
        let rows = Int.random(in: 1...70, using: &random)
        let input = Matrix(random.floats(rows * width, limit: 2), rows: rows, columns: width)
        let (scale, shift) = (Matrix(row: random.floats(width)), Matrix(row: random.floats(width)))
        try expectSameBits("\(rows) × \(width)") { instructionSet in
            let backend = try Backend(threadCount: 3, instructionSet: instructionSet)
            let output = Matrix(rows: rows, columns: width)
            backend.layerNorm(input, scale: scale, shift: shift, epsilon: 1e-5, into: output)
            return output.bits
        }
    }

    @Test("in keys and values rounded to f16, as Swift rounds them")
    func narrowing() throws {
        // All that f16 has, each with the floats around it and around the middle to the next: ties, subnormal numbers,
        // the step to infinity.
        var values: [Float] = []
        for pattern in UInt16.min...UInt16.max {
            let value = Float(Float16(bitPattern: pattern))
            for offset in [0, 0x0FFF, 0x1000, 0x1001, 0x1FFF] as [UInt32] {
                values.append(Float(bitPattern: value.bitPattern &+ offset))
            }
            let middle = (value + Float(Float16(bitPattern: pattern ^ 1))) / 2
            values += [middle, middle.nextUp, middle.nextDown]
        }
        values += [65_519.996, 65_520, 0x1p-24, 0x1p-25, 0x1.000002p-25, .leastNonzeroMagnitude, 3e38]
        values += values.map { -$0 }
        let expected = canonicalBits(values.map { Float(Float16($0)) + 0 })
        for instructionSet in InstructionSet.supported {
            let backend = try Backend(threadCount: 2, instructionSet: instructionSet)
            let width = values.count
            let cache = try KeyValueCache(layerCount: 1, blockCount: 1, headCount: 1, headWidth: width, type: .f16)
            // One position's attention is its value.
            let projection = Matrix([Float](repeating: 0, count: 2 * width) + values, rows: 1, columns: 3 * width)
            let output = Matrix(rows: 1, columns: width)
            let batch = [CachedRows(rows: 0..<1, start: 0, blockTable: [0])]
            backend.attend(projection, layer: 0, batch, cache, into: output)
            let found = canonicalBits(output.allValues)
            let wrong = found.indices.filter { found[$0] != expected[$0] }
            #expect(wrong.isEmpty, "\(instructionSet): \(wrong.prefix(5).map { values[$0] })")
        }
    }

    @Test("in functions of any float there is")
    func functions() throws {
        var random = SplitMix64(seed: seed)
        // All bit patterns are as likely: NaN, infinities and subnormal numbers are among them.
        let anything = (0..<10_007).map { _ in Float(bitPattern: UInt32.random(in: 0...UInt32.max, using: &random)) }
        let values = anything + random.floats(10_007, limit: 20)
        expectSameBits("exp") { map(values, $0.kernels.exponential) }
        expectSameBits("log") { map(values, $0.kernels.logarithm) }
        expectSameBits("tanh") { map(values, $0.kernels.hyperbolicTangent) }
        expectSameBits("erf") { map(values, $0.kernels.errorFunction) }
        expectSameBits("shifted quotient") { instructionSet in
            map(values) { instructionSet.kernels.shiftedQuotient($0, $1, count: $2, offset: 0.7, divisor: 1.3) }
        }
        for activation in Activation.allCases where activation != .none {
            expectSameBits("\(activation)") { instructionSet in
                map(values) { input, output, count in
                    output.update(from: input, count: count)
                    let kernels = instructionSet.kernels
                    switch activation {
                    case .none: break
                    case .geluByTanh: kernels.geluByTanh(output, count: count)
                    case .geluByErf: kernels.geluByErf(output, count: count)
                    case .relu: kernels.relu(output, count: count)
                    case .silu: kernels.silu(output, count: count)
                    }
                }
            }
        }
    }

    @Test("in reductions of 1 to 70 values, and of many", arguments: Array(1...70) + [4_099])
    func reductions(count: Int) {
        var random = SplitMix64(seed: seed &+ UInt64(count))
        let values = random.floats(count, limit: 30)
        expectSameBits("\(count) values") { instructionSet in
            let kernels = instructionSet.kernels
            return [
                kernels.maximum(values, count: count).bitPattern,
                kernels.sumOfExponentials(values, count: count, offset: 25).bitPattern,
                kernels.isFinite(values, count: count) ? 1 : 0,
            ]
        }
    }

    @Test("in the noise for sampling, of 1 to 70 tokens", arguments: Array(1...70) + [1_021])
    func noise(count: Int) {
        var random = SplitMix64(seed: seed &+ UInt64(count))
        let tokens = (0..<count).map { _ in Int32.random(in: 0..<60_000, using: &random) }
        let words = UInt64.random(in: 0...UInt64.max, using: &random)
        let (high, low) = (UInt32(truncatingIfNeeded: words >> 32), UInt32(truncatingIfNeeded: words))
        expectSameBits("\(count) tokens") { instructionSet in
            let kernels = instructionSet.kernels
            let block = kernels.philox4x32(counter: (high, low, 1, 2), key: words)
            let noise = [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
                kernels.gumbelNoise(
                    tokens: tokens, buffer.baseAddress!, count: count, key: words, counter: (high, 5, low))
                initialized = count
            }
            return noise.map(\.bitPattern) + [block.0, block.1, block.2, block.3]
                + [kernels.gumbelNoise(high: high, low: low).bitPattern]
        }
    }

    @Test("in weights of every type, widened and packed, at any address")
    func conversions() throws {
        // Every pattern of 16 bits, and whatever float four of those bytes make.
        let bytes = (0...UInt16.max).flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
        for type in WeightType.allCases {
            for offset in [0, 1, 3] {
                let count = (bytes.count - offset) / type.byteCount
                expectSameBits("\(type) from byte \(offset)") { instructionSet in
                    [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
                        bytes.withUnsafeBytes { source in
                            type.widen(
                                source.baseAddress! + offset, buffer.baseAddress!, count: count, instructionSet.kernels)
                        }
                        initialized = count
                    }.map { $0.isNaN ? 1 : $0.bitPattern }
                }
            }
        }
    }

    @Test("in packed weights, and in what they are read back as", arguments: WeightType.allCases, PackedType.allCases)
    func packing(stored: WeightType, type: PackedType) throws {
        // Every pattern of 16 bits, among them what is not finite.
        let bytes = (0...UInt16.max).flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
        for (depth, columns) in [(1, 1), (17, 33), (64, 15), (131, 64)] {
            for layout in [WeightLayout.inputMajor, .outputMajor] {
                try expectSameBits("\(layout) \(depth) × \(columns)") { instructionSet in
                    let backend = try Backend(threadCount: 2, instructionSet: instructionSet)
                    let part = bytes.span.bytes.extracting(1..<1 + depth * columns * stored.byteCount)
                    let packed = try PackedMatrix(
                        part, type: stored, layout: layout, depth: depth, columns: columns, as: type, backend: backend)
                    return packed.columnBits(instructionSet.kernels)
                }
            }
        }
    }

    @Test("PACELINE_ISA chooses, and what it cannot choose is an error of one line that says why")
    func selection() throws {
        #expect(try InstructionSet.selection(environment: nil).get() == InstructionSet.supported.last)
        #expect(try InstructionSet.selection(environment: "").get() == InstructionSet.supported.last)
        for instructionSet in InstructionSet.supported {
            #expect(try InstructionSet.selection(environment: instructionSet.rawValue).get() == instructionSet)
        }
        for name in ["AVX2", "sse", "avx512 ", "neon\n"] {
            #expect(throws: KernelsError.unknownInstructionSet(name)) {
                _ = try InstructionSet.selection(environment: name).get()
            }
            #expect(!KernelsError.unknownInstructionSet(name).description.contains("\n"))
        }
    }

    private func map(
        _ values: [Float], _ function: (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
    ) -> [UInt32] {
        canonicalBits(
            [Float](unsafeUninitializedCapacity: values.count) { buffer, initialized in
                function(values, buffer.baseAddress!, values.count)
                initialized = values.count
            })
    }
}

extension PackedMatrix {
    /// All columns as they are read back.
    fileprivate func columnBits(_ kernels: any KernelSet.Type) -> [UInt32] {
        (0..<columns).flatMap { column in
            let row = Matrix(rows: 1, columns: depth)
            row.lookUp(column, in: self, row: 0, adding: false, kernels)
            return canonicalBits(row.row(0))
        }
    }
}

/// The bits of the values, those of any NaN being the same: which one it is is left open.
private func canonicalBits(_ values: [Float]) -> [UInt32] {
    values.map { $0.isNaN ? Float.nan.bitPattern : $0.bitPattern }
}
