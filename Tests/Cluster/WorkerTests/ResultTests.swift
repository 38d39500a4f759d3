import GPT2
import Messages
import Sampling
import StageExecution
import Testing
import Worker

@Suite("What the last stage makes of a batch")
struct ResultTests {
    private let tokens = Models.tokens(75)

    /// Logits of all rows, straight from a stage.
    private func logits(_ tokens: [Int32]) throws -> Activations {
        let stage = try Models.stage(0..<Models.layerCount)
        let blocks = (0..<Int32((tokens.count + 15) / 16)).map { $0 }
        let rows = try stage.forward(
            [SequenceSlice(start: 0, tokens: tokens, blockTable: blocks)], activations: nil)
        return try stage.logits(rows: Array(0..<tokens.count), of: rows)
    }

    @Test("scores are the sampling module's log-probabilities, bit for bit, over more rows than are computed at once")
    func scores() throws {
        let targets = Models.tokens(70, from: 3)
        let batch = Batch(batchID: 5, slices: [.prompt(9, tokens).scoring(targets, firstRow: 4, alternatives: 3)])
        let result = try Models.executor().result(batch)
        let logits = try logits(tokens)
        let expected = try targets.enumerated().map { offset, target in
            let scored = try logits.withRow(4 + offset) { row throws(SamplingError) in
                try Sampler.score(logits: row, target: target, alternatives: 3)
            }
            return TokenResult(scored)
        }
        #expect(result == BatchResult(batchID: 5, sequences: [SequenceResult(sequenceID: 9, scores: expected)]))
    }

    @Test("a sampled token is the sampling module's, from the slice's last row")
    func samples() throws {
        let parameters = SamplingSettings(temperature: 0.8, topK: 50, repetitionPenalty: 1.2, seed: 99)
        var slice = Slice.prompt(9, tokens).sampling(parameters, alternatives: 2)
        slice.index = 3
        slice.sample?.history = tokens
        slice.sample?.promptCount = 75
        let result = try Models.executor().result(Batch(batchID: 5, slices: [slice]))
        let sampled = try logits(tokens).withRow(74) { row throws(SamplingError) in
            try Sampler.sample(
                logits: row, parameters: SamplingParameters(parameters), history: TokenHistory(tokens, promptCount: 75),
                at: SamplePosition(sequenceIndex: 3, position: 75), alternatives: 2)
        }
        #expect(result.sequences == [SequenceResult(sequenceID: 9, sampled: TokenResult(sampled))])
    }

    @Test("scores and a sampled token in one slice, and a slice that wants nothing")
    func both() throws {
        let slices = [
            Slice.prompt(1, tokens), .prompt(2, tokens, block: 8).scoring([5, 6], firstRow: 73).sampling(),
        ]
        let result = try Models.executor().result(Batch(batchID: 1, slices: slices))
        #expect(result.sequences.map(\.sequenceID) == [1, 2])
        #expect(result.sequences[0] == SequenceResult(sequenceID: 1))
        #expect(result.sequences[1].scores.map(\.token) == [5, 6] && result.sequences[1].sampled != nil)
    }

    @Test("parameters that cannot be used fail their sequence and no other")
    func badParameters() throws {
        let bad: [SamplingSettings] = [
            SamplingSettings(temperature: -1), SamplingSettings(temperature: .nan),
            SamplingSettings(topP: 7), SamplingSettings(minP: .infinity),
            SamplingSettings(repetitionPenalty: 0), SamplingSettings(presencePenalty: -1_000),
            SamplingSettings(logitBias: [LogitBias(token: 8_192, bias: 1)]),
            SamplingSettings(logitBias: [LogitBias(token: -1, bias: 1)]),
        ]
        let executor = try Models.executor()
        let good = Slice.prompt(100, tokens).sampling()
        let alone = try executor.result(Batch(batchID: 1, slices: [good])).sequences[0]
        var slices = [good]
        for (place, parameters) in bad.enumerated() {
            let id = UInt64(place)
            slices.append(.prompt(id, [1, 2], block: 10 + UInt32(place)).sampling(parameters))
        }
        slices.append(.prompt(50, [1, 2], block: 40).scoring([1, 9_999]))
        slices.append(.prompt(51, [1, 2], block: 41).scoring([-1, 1]).sampling())
        var penalised = Slice.prompt(52, [1, 2], block: 42).sampling(SamplingSettings(frequencyPenalty: 1))
        penalised.sample?.history = [1, 10_000]
        slices.append(penalised)
        penalised.sequenceID = 53
        penalised.blockTable = [43]
        penalised.sample?.history = [1]
        penalised.sample?.promptCount = .max
        slices.append(penalised)
        let result = try executor.result(Batch(batchID: 2, slices: slices))
        #expect(result.error == nil && result.sequences.count == slices.count)
        #expect(result.sequences[0] == alone && alone.error == nil)
        for sequence in result.sequences.dropFirst() {
            #expect(sequence.error?.isEmpty == false, "sequence \(sequence.sequenceID)")
            #expect(sequence.sampled == nil)
        }
        #expect(result.sequences[3].error?.contains("topP is 7.0") == true)
    }

    @Test("ids left out are sampled only where the parameters allow it, and scored all the same")
    func leftOut() throws {
        let executor = try Models.executor()
        let greedy = SamplingSettings(temperature: 0)
        let free = try #require(
            try executor.result(Batch(batchID: 1, slices: [.prompt(1, tokens).sampling(greedy)])).sequences[0].sampled)
        var bits = [UInt8](repeating: 0, count: Models.vocabularySize / 8)
        bits[Int(free.token) / 8] = 1 << UInt8(free.token % 8)
        try executor.leaveOut(bits)
        var allowing = greedy
        allowing.allowUnusedIDs = true
        let slices: [Slice] = [
            .prompt(1, tokens).sampling(greedy, alternatives: 1), .prompt(2, tokens, block: 8).sampling(allowing),
            .prompt(3, tokens, block: 16).scoring([free.token], firstRow: 74),
        ]
        let results = try executor.result(Batch(batchID: 2, slices: slices)).sequences
        let other = try #require(results[0].sampled)
        #expect(other.token != free.token && other.logprob < free.logprob)
        #expect(other.alternatives.map(\.token) == [free.token])
        #expect(results[1].sampled == free)
        #expect(results[2].scores == [free])
        try executor.leaveOut(nil)
        let again = try executor.result(Batch(batchID: 3, slices: [.prompt(1, tokens).sampling(greedy)]))
        #expect(again.sequences[0].sampled == free)
        #expect(throws: BatchError.self) { try executor.leaveOut([1]) }
    }

    @Test("any number of alternatives may be asked for; there are never more than tokens")
    func alternatives() throws {
        let slice = Slice.prompt(1, [1, 2]).sampling(alternatives: .max)
        let result = try Models.executor().result(Batch(batchID: 1, slices: [slice]))
        let alternatives = result.sequences[0].sampled?.alternatives ?? []
        #expect(alternatives.count == Models.vocabularySize)
        #expect(Set(alternatives.map(\.token)).count == Models.vocabularySize)
    }
}

extension TokenResult {
    /// As it ought to travel.
    init(_ token: SampledToken) {
        self.init(
            token: token.token, logprob: token.logprob,
            alternatives: token.alternatives.map { Alternative(token: $0.token, logprob: $0.logprob) })
    }
}
