import Sampling
import Testing

@Suite("Bad input gives an error that names it")
struct BadInputTests {
    @Test("parameters out of range name the field and its range")
    func parameters() {
        expectError(SamplingParameters(temperature: -0.1), "temperature is -0.1, but must be from 0.0 to 100.0")
        expectError(SamplingParameters(temperature: 100.1), "temperature")
        expectError(SamplingParameters(topK: -1), "topK is -1, but must be 0 (off) or more")
        expectError(SamplingParameters(topP: 1.01), "topP is 1.01, but must be from 0.0 to 1.0")
        expectError(SamplingParameters(topP: -0.01), "topP")
        expectError(SamplingParameters(minP: 2), "minP")
        expectError(SamplingParameters(repetitionPenalty: 0), "repetitionPenalty")
        expectError(SamplingParameters(presencePenalty: -101), "presencePenalty")
        expectError(SamplingParameters(frequencyPenalty: 101), "frequencyPenalty")
        expectError(SamplingParameters(logitBias: [3: 1, 5: -101]), "logitBias[5] is -101.0")
        expectError(SamplingParameters(logitBias: [-1: 0]), "logitBias is for token -1")
        let many = Dictionary(uniqueKeysWithValues: (0...1_024).map { (Int32($0), Float(1)) })
        expectError(SamplingParameters(logitBias: many), "logitBias is 1025 tokens, but must be at most 1024")
    }

    @Test("NaN and infinities are refused in every field", arguments: [Float.nan, .infinity, -.infinity])
    func notFinite(value: Float) {
        expectError(SamplingParameters(temperature: value), "temperature")
        expectError(SamplingParameters(topP: value), "topP")
        expectError(SamplingParameters(minP: value), "minP")
        expectError(SamplingParameters(repetitionPenalty: value), "repetitionPenalty")
        expectError(SamplingParameters(presencePenalty: value), "presencePenalty")
        expectError(SamplingParameters(frequencyPenalty: value), "frequencyPenalty")
        expectError(SamplingParameters(logitBias: [7: value]), "logitBias[7]")
    }

    @Test("the defaults and the ends of the ranges are accepted")
    func accepted() throws {
        try SamplingParameters().validate()
        try SamplingParameters(
            temperature: 0, topK: .max, topP: 0, minP: 1, repetitionPenalty: 0.01, presencePenalty: -100,
            frequencyPenalty: 100, logitBias: [.max: -100], seed: .max
        ).validate()
        #expect(!SamplingParameters(temperature: 0.5, topK: 3, logitBias: [1: 1]).needsHistory)
        #expect(SamplingParameters(repetitionPenalty: 1.1).needsHistory)
        #expect(SamplingParameters(presencePenalty: 0.1).needsHistory)
        #expect(SamplingParameters(frequencyPenalty: -0.1).needsHistory)
    }

    @Test("a logit that is not finite is named, wherever it is", arguments: [Float.nan, .infinity, -.infinity])
    func logits(value: Float) {
        for place in 0..<40 {
            var logits = [Float](repeating: 1, count: 40)
            logits[place] = value
            let expected = SamplingError.nonFiniteLogit(token: place, value: "\(value)")
            #expect(throws: expected) { try sample(logits) }
            #expect(throws: expected) { try score(logits, target: 0) }
        }
    }

    @Test("no logits, an unknown target and a negative number of alternatives are refused")
    func arguments() {
        #expect(throws: SamplingError.noLogits) { try sample([]) }
        #expect(throws: SamplingError.noLogits) { try score([], target: 0) }
        for target in [-1, 2, .max, .min] as [Int32] {
            #expect(throws: SamplingError.unknownToken(field: "target", token: target, vocabularySize: 2)) {
                try score([1, 2], target: target)
            }
        }
        let negative = SamplingError.outOfRange(field: "alternatives", value: "-1", allowed: "0 or more")
        #expect(throws: negative) { try score([1], target: 0, alternatives: -1) }
        #expect(throws: negative) { try sample([1], alternatives: -1) }
    }

    @Test("bias and history with tokens outside of the vocabulary are refused, history only if it is needed")
    func unknownTokens() throws {
        let biased = SamplingParameters(logitBias: [2: 1, 9: 1, 1: 1])
        #expect(throws: SamplingError.unknownToken(field: "logitBias", token: 2, vocabularySize: 2)) {
            try sample([1, 2], biased)
        }
        let penalized = SamplingParameters(repetitionPenalty: 2)
        for token in [-1, 2, .min, .max] as [Int32] {
            let expected = SamplingError.unknownToken(field: "history", token: token, vocabularySize: 2)
            #expect(throws: expected) { try sample([1, 2], penalized, history: [0, token], promptCount: 1) }
            _ = try sample([1, 2], SamplingParameters(), history: [token], promptCount: 5)
        }
        for promptCount in [-1, 2, .min, .max] {
            #expect(throws: SamplingError.self) {
                try sample([1, 2], penalized, history: [0], promptCount: promptCount)
            }
        }
    }

    private func expectError(_ parameters: SamplingParameters, _ text: String) {
        let error = #expect(throws: SamplingError.self) { try parameters.validate() }
        #expect(error?.description.hasPrefix(text) == true, "\(String(describing: error))")
        let fromSampler = #expect(throws: SamplingError.self) { try sample([1, 2, 3], parameters) }
        #expect(fromSampler == error)
    }

    @discardableResult
    private func sample(
        _ logits: [Float], _ parameters: SamplingParameters = SamplingParameters(), history: [Int32] = [],
        promptCount: Int = 0, alternatives: Int = 0
    ) throws(SamplingError) -> SampledToken {
        try Sampler.sample(
            logits: logits.span, parameters: parameters, history: TokenHistory(history, promptCount: promptCount),
            at: SamplePosition(sequenceIndex: 0, position: 0), alternatives: alternatives)
    }

    @discardableResult
    private func score(
        _ logits: [Float], target: Int32, alternatives: Int = 0
    ) throws(SamplingError) -> SampledToken {
        try Sampler.score(logits: logits.span, target: target, alternatives: alternatives)
    }
}
