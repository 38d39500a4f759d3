import Foundation
import Sampling
import TestSupport
import Testing

@Suite("Tokens that are never to be sampled")
struct UnusedTokenTests {
    @Test("none is sampled whatever the parameters, and filters see the others alone", arguments: UInt64(1)...40)
    func neverSampled(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        let count = Int.random(in: 2...300, using: &generator)
        var logits = generator.logits(count)
        let unused = (1..<Int32(count)).filter { _ in Bool.random(using: &generator) }
        // The likeliest of all.
        for token in unused { logits[Int(token)] += 20 }
        let others = (0..<Int32(count)).filter { !unused.contains($0) }
        let left = others.map { logits[Int($0)] }
        let set = try TokenSet(bits: bits(unused, count), vocabularySize: count)
        #expect(set.count == unused.count)
        for parameters in parameters(seed, topK: Int.random(in: 1...count, using: &generator)) {
            let token = try sample(logits, parameters, set).token
            #expect(others.contains(token), "seed \(seed), \(parameters)")
            let kept = Sampler.keptTokens(logits: left, parameters: parameters).map { others[Int($0)] }
            if parameters.temperature > 0 { #expect(kept.contains(token), "seed \(seed), \(parameters)") }
        }
    }

    @Test("at temperature 0 the likeliest of the others is taken, the lowest id among equals")
    func greedy() throws {
        let set = try TokenSet(bits: [0b10010], vocabularySize: 5)
        #expect(try sample([1, 9, 3, 3, 9], SamplingParameters(temperature: 0), set).token == 2)
    }

    @Test("no bias and no penalty brings one back")
    func bias() throws {
        let set = try TokenSet(bits: [0b10], vocabularySize: 3)
        for temperature in [0, 1] as [Float] {
            let parameters = SamplingParameters(
                temperature: temperature, repetitionPenalty: 0.01, presencePenalty: -100, logitBias: [1: 100])
            for position in 0..<20 as Range<UInt32> {
                let sampled = try Sampler.sample(
                    logits: ([1, 5, 2] as [Float]).span, parameters: parameters,
                    history: TokenHistory([1, 1, 1], promptCount: 1),
                    at: SamplePosition(sequenceIndex: 0, position: position), alternatives: 0, unused: set)
                #expect(sampled.token != 1)
            }
        }
    }

    @Test("log-probabilities and the likeliest tokens are still those of the whole vocabulary")
    func wholeDistribution() throws {
        let logits: [Float] = [1, 5, 2]
        let set = try TokenSet(bits: [0b10], vocabularySize: 3)
        let sampled = try sample(logits, SamplingParameters(temperature: 0), set, alternatives: 2)
        let scored = try Sampler.score(logits: logits.span, target: 2, alternatives: 2)
        #expect(sampled == scored && sampled.alternatives.map(\.token) == [1, 2])
    }

    @Test("a set of none changes nothing", arguments: UInt64(1)...20)
    func none(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        let logits = generator.logits(100)
        let set = try TokenSet(bits: bits([], 100), vocabularySize: 100)
        for parameters in parameters(seed, topK: 9) {
            #expect(try sample(logits, parameters, set) == sample(logits, parameters, nil))
        }
    }

    @Test("bits that are not those of the vocabulary are refused")
    func badBits() throws {
        #expect(throws: SamplingError.self) { try TokenSet(bits: [], vocabularySize: 0) }
        for (bits, size) in [([0], 9), ([0, 0], 8), ([], 1), ([0, 0b10], 9), ([0x80], 7)] as [([UInt8], Int)] {
            #expect(throws: SamplingError.self, "\(bits) of \(size)") {
                try TokenSet(bits: bits, vocabularySize: size)
            }
        }
        let all = #expect(throws: SamplingError.self) { try TokenSet(bits: [0xFF, 1], vocabularySize: 9) }
        #expect(all?.description == "tokens never to be sampled: no token is left to sample")
        let set = try TokenSet(bits: [1], vocabularySize: 4)
        let other = #expect(throws: SamplingError.self) { try sample([1, 2, 3], SamplingParameters(), set) }
        #expect(other?.description == "tokens never to be sampled: they are of 4 tokens, and there are 3 logits")
    }

    private func parameters(_ seed: UInt64, topK: Int) -> [SamplingParameters] {
        [
            SamplingParameters(temperature: 0), SamplingParameters(seed: seed),
            SamplingParameters(temperature: 0.7, topK: topK, seed: seed), SamplingParameters(topP: 0.9, seed: seed),
            SamplingParameters(minP: 0.05, seed: seed),
            SamplingParameters(temperature: 1.3, topK: topK, topP: 0.95, minP: 0.01, seed: seed),
        ]
    }

    private func bits(_ tokens: [Int32], _ count: Int) -> [UInt8] {
        var bits = [UInt8](repeating: 0, count: (count + 7) / 8)
        for token in tokens { bits[Int(token) / 8] |= 1 << UInt8(token % 8) }
        return bits
    }

    private func sample(
        _ logits: [Float], _ parameters: SamplingParameters, _ unused: TokenSet?, alternatives: Int = 0
    ) throws -> SampledToken {
        try Sampler.sample(
            logits: logits.span, parameters: parameters, history: TokenHistory(),
            at: SamplePosition(sequenceIndex: 1, position: 5), alternatives: alternatives, unused: unused)
    }
}
