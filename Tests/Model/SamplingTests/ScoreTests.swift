import Foundation
import Sampling
import TestSupport
import Testing

@Suite("Log-probabilities")
struct ScoreTests {
    @Test("they are those of the softmax in Double, and sum to 1", arguments: [1, 2, 17, 257, 50_257])
    func agreesWithDouble(count: Int) throws {
        var generator = SplitMix64(seed: UInt64(count))
        let logits = generator.logits(count)
        let greatest = Double(logits.max() ?? 0)
        let logSum = log(logits.reduce(0) { $0 + exp(Double($1) - greatest) })
        let scored = try score(logits, target: 0, alternatives: count)
        #expect(scored.alternatives.count == count)
        #expect(Set(scored.alternatives.map(\.token)).count == count)
        for alternative in scored.alternatives {
            let exact = Double(logits[Int(alternative.token)]) - greatest - logSum
            #expect(abs(Double(alternative.logprob) - exact) < 1e-5)
        }
        #expect(abs(scored.alternatives.reduce(0) { $0 + exp(Double($1.logprob)) } - 1) < 1e-5)
    }

    @Test("alternatives are the most probable tokens, most probable and lowest id first", arguments: UInt64(1)...20)
    func alternatives(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        let logits = generator.logits(Int.random(in: 1...3_000, using: &generator))
        let ranked = logits.indices.sorted { logits[$0] > logits[$1] || (logits[$0] == logits[$1] && $0 < $1) }
        for count in [0, 1, 5, 64, 1_000, .max] {
            let scored = try score(logits, target: 0, alternatives: count)
            let tokens = scored.alternatives.map { Int($0.token) }
            #expect(tokens == Array(ranked.prefix(count)), "seed \(seed), \(count) alternatives")
        }
    }

    @Test("rising and falling logits are ranked too, which is the worst and the best case")
    func monotonic() throws {
        let rising = (0..<5_000).map { Float($0) }
        let last = try score(rising, target: 0, alternatives: 3).alternatives.map(\.token)
        #expect(last == [4_999, 4_998, 4_997])
        let first = try score(rising.map { -$0 }, target: 0, alternatives: 3)
        #expect(first.alternatives.map(\.token) == [0, 1, 2])
    }

    @Test("a sampled token has the log-probability that scoring gives it, whatever the temperature")
    func sampledAsScored() throws {
        var generator = SplitMix64(seed: 4)
        let logits = generator.logits(300)
        for position in 0..<50 as Range<UInt32> {
            let sampled = try Sampler.sample(
                logits: logits.span, parameters: SamplingParameters(temperature: 1.7, topK: 100, minP: 0.01),
                history: TokenHistory(), at: SamplePosition(sequenceIndex: 0, position: position), alternatives: 4)
            #expect(try sampled == score(logits, target: sampled.token, alternatives: 4))
        }
    }

    @Test("a constant added to all logits changes nothing that can be seen")
    func shifted() throws {
        let logits: [Float] = [1, 2, 3, 4]
        let scored = try score(logits, target: 2, alternatives: 4)
        #expect(try score(logits.map { $0 - 4_096 }, target: 2, alternatives: 4) == scored)
    }

    private func score(_ logits: [Float], target: Int32, alternatives: Int) throws -> SampledToken {
        try Sampler.score(logits: logits.span, target: target, alternatives: alternatives)
    }
}
