import Foundation
import Sampling
import TestSupport
import Testing

@Suite("Choosing a token")
struct SamplerTests {
    @Test("tokens are sampled as often as the softmax says (chi-square)", arguments: [1, 2, 3, 0xFFFF_FFFF_FFFF_FFFF])
    func frequencies(seed: UInt64) throws {
        let logits: [Float] = [0, 1, -1, 2, 0.5, 0.5, -2, 1.5, -0.5, 0.25, -4, 3]
        // Critical values of chi-square at 0.1 % for one degree of freedom less than there are candidates.
        try expectFrequencies(logits, SamplingParameters(seed: seed), critical: 31.26)
        try expectFrequencies(logits, SamplingParameters(temperature: 2, seed: seed), critical: 31.26)
        try expectFrequencies(logits, SamplingParameters(temperature: 0.7, topK: 5, seed: seed), critical: 18.47)
    }

    @Test("temperature 0 takes the greatest logit, the lowest id among equals")
    func greedy() throws {
        let parameters = SamplingParameters(temperature: 0, topK: 3, topP: 0.5, seed: 9)
        #expect(try token([1, 3, 2, 3], parameters) == 1)
        #expect(try token([-0.0, 0], parameters) == 0)
        #expect(try token([-3e38], parameters) == 0)
    }

    @Test("a choice depends on nothing but its arguments, in whatever order calls come")
    func pure() throws {
        var generator = SplitMix64(seed: 5)
        let logits = generator.logits(777)
        let parameters = SamplingParameters(temperature: 1.3, topP: 0.98, seed: 11)
        let calls = (0..<60).map { (sequence: UInt32($0 % 3), position: UInt32($0 / 3)) }
        func choose(_ call: (sequence: UInt32, position: UInt32)) throws -> SampledToken {
            try sample(logits, parameters, sequenceIndex: call.sequence, position: call.position, alternatives: 2)
        }
        let forward = try calls.map(choose)
        let backward = try calls.reversed().map(choose)
        #expect(forward == backward.reversed())
        #expect(Set(forward.map(\.token)).count > 10)
    }

    @Test("position, sequence index and seed each lead to other choices")
    func differs() throws {
        let logits = [Float](repeating: 0, count: 1_000)
        let start = try sample(logits, SamplingParameters(seed: 1), sequenceIndex: 0, position: 0).token
        #expect(try sample(logits, SamplingParameters(seed: 2), sequenceIndex: 0, position: 0).token != start)
        #expect(try sample(logits, SamplingParameters(seed: 1), sequenceIndex: 1, position: 0).token != start)
        #expect(try sample(logits, SamplingParameters(seed: 1), sequenceIndex: 0, position: 1).token != start)
    }

    @Test("a seed gives the same tokens in every version")
    func golden() throws {
        let logits = (0..<100).map { Float(($0 * 37) % 101) / 20 }
        let tokens = try (0..<8).map {
            try token(logits, SamplingParameters(seed: 7), position: $0)
        }
        #expect(tokens == [30, 90, 76, 98, 30, 8, 79, 49])
    }

    @Test("a filter that keeps the token that would be sampled without it changes nothing", arguments: UInt64(1)...50)
    func filtersKeepTheSample(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        let logits = generator.logits(200)
        let free = try token(logits, SamplingParameters(seed: seed))
        let filtered = SamplingParameters(topK: 30, topP: 0.9, seed: seed)
        let sampled = try token(logits, filtered)
        let kept = Sampler.keptTokens(logits: logits, parameters: filtered)
        #expect(kept.contains(sampled))
        #expect(!kept.contains(free) || sampled == free, "seed \(seed)")
    }

    @Test("seeds of nobody's choosing differ")
    func randomSeeds() {
        #expect(Set((0..<20).map { _ in Seed.random() }).count == 20)
    }

    private func token(_ logits: [Float], _ parameters: SamplingParameters, position: UInt32 = 0) throws -> Int32 {
        try sample(logits, parameters, sequenceIndex: 0, position: position).token
    }

    private func sample(
        _ logits: [Float], _ parameters: SamplingParameters, sequenceIndex: UInt32, position: UInt32,
        alternatives: Int = 0
    ) throws -> SampledToken {
        try Sampler.sample(
            logits: logits.span, parameters: parameters, history: TokenHistory(),
            at: SamplePosition(sequenceIndex: sequenceIndex, position: position), alternatives: alternatives)
    }

    private func expectFrequencies(
        _ logits: [Float], _ parameters: SamplingParameters, critical: Double
    ) throws {
        let samples = 20_000
        var counts = [Int](repeating: 0, count: logits.count)
        for position in 0..<samples {
            counts[Int(try token(logits, parameters, position: UInt32(position)))] += 1
        }
        let kept = Sampler.keptTokens(logits: logits, parameters: parameters).map(Int.init)
        let weights = kept.map { exp(Double(logits[$0]) / Double(parameters.temperature)) }
        let total = weights.reduce(0, +)
        let statistic = zip(kept, weights).reduce(0) { sum, candidate in
            let expected = candidate.1 / total * Double(samples)
            return sum + (Double(counts[candidate.0]) - expected) * (Double(counts[candidate.0]) - expected) / expected
        }
        #expect(statistic < critical, "seed \(parameters.seed): \(counts)")
        #expect(kept.reduce(0) { $0 + counts[$1] } == samples)
    }
}
