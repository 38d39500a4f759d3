import Messages
import StageExecution
import TestSupport
import Testing
import Worker

@Suite("Batches made of anything")
struct BatchFuzzTests {
    @Test("hundreds of random batches give a result or one line, and leave the stage as sound as it was")
    func fuzz() throws {
        let executors = [try Models.executor(), try Models.executor(0..<3), try Models.executor(3..<8)]
        let probe = Batch(batchID: 1, slices: [Slice.prompt(1, Models.tokens(20)).sampling()])
        let expected = try executors[0].result(probe)
        var errors = 0
        for seed in UInt64(0)..<900 {
            var random = SplitMix64(seed: TestSeed.value &+ seed)
            let executor = executors[Int(seed % 3)]
            let (batch, activations) = randomBatch(&random, isFirst: executor.stage.isFirst)
            do throws(BatchError) {
                let output = try executor.run(batch, activations: activations)
                check(output, of: batch, executor, seed)
            } catch {
                errors += 1
                #expect(
                    !error.description.isEmpty && !error.description.contains("\n"), "seed \(TestSeed.value) + \(seed)")
            }
            if seed % 100 == 0 {
                #expect(try executors[0].result(probe) == expected, "seed \(TestSeed.value) + \(seed)")
            }
        }
        // Both ends of it were met.
        #expect(errors > 200 && errors < 800, "\(errors) errors")
    }

    private func check(_ output: StageOutput, of batch: Batch, _ executor: StageExecutor, _ seed: UInt64) {
        let rows = batch.slices.reduce(0) { $0 + $1.tokens.count }
        switch output {
        case .activations(let shape, let bytes):
            #expect(
                !executor.stage.isLast && shape.rows == rows && bytes.count == rows * Models.width * 4,
                "seed \(TestSeed.value) + \(seed)")
        case .result(let result):
            #expect(result.batchID == batch.batchID, "seed \(TestSeed.value) + \(seed)")
            #expect(
                result.sequences.map(\.sequenceID) == batch.slices.map(\.sequenceID), "seed \(TestSeed.value) + \(seed)"
            )
            for (slice, sequence) in zip(batch.slices, result.sequences) where sequence.error == nil {
                #expect((slice.sample != nil) == (sequence.sampled != nil), "seed \(TestSeed.value) + \(seed)")
                #expect(
                    (slice.score?.targets ?? []) == sequence.scores.map(\.token), "seed \(TestSeed.value) + \(seed)")
                #expect(sequence.scores.allSatisfy { $0.logprob <= 0 }, "seed \(TestSeed.value) + \(seed)")
            }
        }
    }

    private func randomBatch(_ random: inout SplitMix64, isFirst: Bool) -> (Batch, [UInt8]?) {
        let slices = (0..<random.int(random.chance(5) ? 0...0 : 1...3)).map { randomSlice(&random, number: $0) }
        let copies = (0..<(random.chance(20) ? random.int(1...3) : 0)).map { _ in
            BlockCopy(from: random.oddNumber(0...63), to: random.oddNumber(0...63))
        }
        var batch = Batch(batchID: random.next(), slices: slices, copies: copies)
        guard !isFirst || random.chance(10) else { return (batch, nil) }
        let rows = slices.reduce(0) { $0 + $1.tokens.count }
        let width = random.chance(95) ? Models.width : random.int(0...400)
        batch.activations = ActivationShape(
            rows: random.chance(90) ? UInt32(rows) : random.oddNumber(0...50),
            width: random.chance(95) ? UInt32(width) : random.oddNumber(0...400), type: random.chance(95) ? .f32 : .f16)
        if random.chance(4) { return (batch, nil) }
        // Ordinary floats; bytes of any kind, infinities among them, now and then.
        let wild = random.chance(10)
        let values = (0..<(rows * width)).flatMap { _ -> [UInt8] in
            let bits = random.next()
            return (0..<4).map { $0 == 3 && !wild ? 0x3E | UInt8(bits >> 56 & 0x80) : UInt8(bits >> (8 * $0) & 255) }
        }
        return (batch, random.chance(95) ? values : Array(values.dropLast()))
    }

    private func randomSlice(_ random: inout SplitMix64, number: Int) -> Slice {
        let count = random.chance(3) ? random.int(0...520) : random.int(1...20)
        let start = random.chance(70) ? 0 : random.oddNumber(0...60)
        let blocks = (Int(min(start, 1_000)) + count + 15) / 16
        var table = (0..<blocks).map { UInt32(20 * number + $0) % 64 }
        if random.chance(8), !table.isEmpty { table[random.int(0...table.count - 1)] = random.oddNumber(0...63) }
        if random.chance(5) { table = Array(table.dropLast()) }
        if random.chance(10) { table += [63 - UInt32(number)] }
        var slice = Slice(
            sequenceID: random.next(), index: random.oddNumber(0...3), start: start,
            tokens: (0..<count).map { _ in Int32(random.int(0...Models.vocabularySize - 1)) }, blockTable: table)
        if random.chance(5), count > 0 { slice.tokens[0] = Int32(bitPattern: random.oddNumber(0...8_191)) }
        if random.chance(60) { slice.sample = randomSample(&random) }
        if random.chance(40) {
            let first = random.chance(90) ? UInt32(random.int(0...max(0, count - 1))) : random.oddNumber(0...30)
            let targets = random.chance(90) ? max(0, count - Int(min(first, 1_000))) : random.int(0...600)
            slice = slice.scoring(
                (0..<targets).map { _ in Int32(bitPattern: random.oddNumber(0...8_191)) }, firstRow: first,
                alternatives: UInt32(random.int(0...3)))
        }
        return slice
    }

    private func randomSample(_ random: inout SplitMix64) -> SampleOutput {
        func number(_ usual: Float) -> Float {
            random.chance(92) ? usual : [-1, 0, 1e38, .nan, .infinity, -0.0, .leastNonzeroMagnitude][random.int(0...6)]
        }
        let parameters = SamplingSettings(
            temperature: number(0.8), topK: random.oddNumber(0...60), topP: number(0.9), minP: number(0.01),
            repetitionPenalty: number(1), presencePenalty: number(0), frequencyPenalty: number(0.1),
            logitBias: [LogitBias(token: Int32(bitPattern: random.oddNumber(0...8_191)), bias: number(2))],
            seed: random.next(), allowUnusedIDs: random.chance(10))
        return SampleOutput(
            parameters: parameters, history: (0..<random.int(0...5)).map { _ in Int32(random.int(0...8_191)) },
            promptCount: random.oddNumber(0...5), alternatives: random.oddNumber(0...4))
    }
}
