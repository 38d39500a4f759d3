import Foundation
import Sampling
import TestSupport
import Testing

@Suite("Top-k, top-p and min-p")
struct FilterTests {
    @Test("each filter and all together keep what a plain implementation keeps", arguments: UInt64(1)...60)
    func agreesWithReference(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let count = seed.isMultiple(of: 15) ? 50_257 : Int.random(in: 1...300, using: &generator)
        let logits = generator.logits(count)
        let temperature = Float.random(in: 0.3...3, using: &generator)
        let topK = Int.random(in: 1...(count + 5), using: &generator)
        let topP = Float.random(in: 0...1, using: &generator)
        let minP = Float.random(in: 0...0.3, using: &generator)
        for parameters in [
            SamplingParameters(temperature: temperature),
            SamplingParameters(temperature: temperature, topK: topK),
            SamplingParameters(temperature: temperature, topP: topP),
            SamplingParameters(temperature: temperature, minP: minP),
            SamplingParameters(temperature: temperature, topK: topK, topP: topP, minP: minP),
            SamplingParameters(temperature: temperature, topK: 40, topP: 0.95),
        ] {
            let kept = Sampler.keptTokens(logits: logits, parameters: parameters)
            #expect(Set(kept).count == kept.count)
            #expect(kept.sorted() == reference(logits, parameters).sorted(), "seed \(seed), \(parameters)")
        }
    }

    @Test("top-k comes before top-p, which works on what top-k left")
    func topKBeforeTopP() {
        // Of 0.4 and 0.3 alone the first has 57 %.
        #expect(kept([0.4, 0.3, 0.2, 0.1], SamplingParameters(topK: 2, topP: 0.5)) == [0])
        #expect(kept([0.4, 0.3, 0.2, 0.1], SamplingParameters(topP: 0.5)) == [0, 1])
    }

    @Test("top-p comes before min-p, and so does not see what min-p will drop")
    func topPBeforeMinP() {
        #expect(kept([0.4, 0.3, 0.2, 0.1], SamplingParameters(topP: 0.5, minP: 0.6)) == [0, 1])
        #expect(kept([0.4, 0.3, 0.2, 0.1], SamplingParameters(topP: 0.8, minP: 0.6)) == [0, 1])
    }

    @Test("temperature comes before the filters")
    func temperatureFirst() {
        #expect(kept([0.4, 0.3, 0.2, 0.1], SamplingParameters(temperature: 0.1, topP: 0.9)) == [0])
        #expect(kept([0.4, 0.3, 0.2, 0.1], SamplingParameters(temperature: 0.1, minP: 0.5)) == [0])
        #expect(kept([0.4, 0.3, 0.2, 0.1], SamplingParameters(temperature: 10, minP: 0.5)) == [0, 1, 2, 3])
    }

    @Test("among equals the lowest ids are kept")
    func ties() {
        let equal = [0.25, 0.25, 0.25, 0.25]
        #expect(kept(equal, SamplingParameters(topK: 3)) == [0, 1, 2])
        #expect(kept(equal, SamplingParameters(topP: 0.5)) == [0, 1])
        #expect(kept(equal, SamplingParameters(minP: 1)) == [0, 1, 2, 3])
        #expect(kept([0.1, 0.2, 0.5, 0.2], SamplingParameters(topK: 2)) == [1, 2])
        #expect(Sampler.keptTokens(logits: [-0.0, 0, -0.0], parameters: SamplingParameters(topK: 1)) == [0])
    }

    @Test("at least one token is kept, and filters that are off keep all")
    func limits() {
        #expect(kept([0.5, 0.3, 0.2], SamplingParameters(topP: 0)) == [0])
        #expect(kept([0.3, 0.5, 0.2], SamplingParameters(topP: 0, minP: 1)) == [1])
        #expect(kept([0.3, 0.5, 0.2], SamplingParameters(topK: .max)) == [0, 1, 2])
        #expect(kept([0.3, 0.5, 0.2], SamplingParameters()) == [0, 1, 2])
        #expect(kept([1], SamplingParameters(topK: 1, topP: 0.1, minP: 1)) == [0])
    }

    private func kept(_ probabilities: [Double], _ parameters: SamplingParameters) -> [Int32] {
        let logits = probabilities.map { Float(Foundation.log($0)) }
        return Sampler.keptTokens(logits: logits, parameters: parameters).sorted()
    }

    /// Everything sorted, in Double.
    private func reference(_ logits: [Float], _ parameters: SamplingParameters) -> [Int32] {
        let greatest = logits.max() ?? 0
        var kept = logits.enumerated().map { (id: Int32($0), score: ($1 - greatest) / parameters.temperature) }
        kept.sort { $0.score > $1.score || ($0.score == $1.score && $0.id < $1.id) }
        if parameters.topK > 0 { kept = Array(kept.prefix(parameters.topK)) }
        let total = kept.reduce(0) { $0 + exp(Double($1.score)) }
        var before = 0.0
        let nucleus = kept.prefix { candidate in
            defer { before += exp(Double(candidate.score)) / total }
            return before < Double(parameters.topP)
        }
        if parameters.topP < 1 { kept = Array(kept.prefix(max(1, nucleus.count))) }
        return kept.filter { exp(Double($0.score)) >= Double(parameters.minP) }.map(\.id)
    }
}
