import Sampling
import Testing

@Suite("Logit bias and penalties, on numbers worked out by hand")
struct PenaltyTests {
    @Test("the repetition penalty divides positive logits of tokens seen")
    func repetitionOfPositive() throws {
        // 2 ÷ 1.2 = 1.67 and 2 ÷ 1.05 = 1.905 against 1.9.
        #expect(try choice([2, 1.9, -1], SamplingParameters(repetitionPenalty: 1.2), prompt: [0]) == 1)
        #expect(try choice([2, 1.9, -1], SamplingParameters(repetitionPenalty: 1.05), prompt: [0]) == 0)
    }

    @Test("the repetition penalty multiplies negative logits of tokens seen")
    func repetitionOfNegative() throws {
        // -1 × 1.2 = -1.2 and -1 × 1.05 = -1.05 against -1.1.
        #expect(try choice([-1, -1.1], SamplingParameters(repetitionPenalty: 1.2), prompt: [0]) == 1)
        #expect(try choice([-1, -1.1], SamplingParameters(repetitionPenalty: 1.05), prompt: [0]) == 0)
    }

    @Test("the repetition penalty works once, on prompt and generated text alike")
    func repetitionOnce() throws {
        // 2 ÷ 1.3 = 1.54 against 1.5, and 2 ÷ 1.3² = 1.18.
        let parameters = SamplingParameters(repetitionPenalty: 1.3)
        #expect(try choice([2, 1.5], parameters, prompt: [0, 0], generated: [0, 0]) == 0)
        #expect(try choice([2, 1.6], parameters, prompt: [0]) == 1)
        #expect(try choice([2, 1.6], parameters, generated: [0]) == 1)
    }

    @Test("the presence penalty is taken off once, for generated tokens only")
    func presence() throws {
        // 3 - 0.6 = 2.4 against 2 and 2.5.
        let parameters = SamplingParameters(presencePenalty: 0.6)
        #expect(try choice([3, 2], parameters, generated: [0, 0, 0]) == 0)
        #expect(try choice([3, 2.5], parameters, generated: [0]) == 1)
        #expect(try choice([3, 2.5], parameters, prompt: [0, 0]) == 0)
    }

    @Test("the frequency penalty is taken off as often as the token was generated")
    func frequency() throws {
        // 3 - 2 × 0.6 = 1.8 and 3 - 2 × 0.4 = 2.2 against 2.
        #expect(try choice([3, 2], SamplingParameters(frequencyPenalty: 0.6), generated: [0, 0]) == 1)
        #expect(try choice([3, 2], SamplingParameters(frequencyPenalty: 0.4), generated: [0, 0]) == 0)
        #expect(try choice([3, 2], SamplingParameters(frequencyPenalty: 0.6), prompt: [0], generated: [0]) == 0)
    }

    @Test("logit bias is added before the repetition penalty looks at the sign")
    func biasFirst() throws {
        // (-1 + 3) ÷ 4 = 0.5, whereas -1 × 4 + 3 = -1, against 0.
        let parameters = SamplingParameters(repetitionPenalty: 4, logitBias: [0: 3])
        #expect(try choice([-1, 0], parameters, prompt: [0]) == 0)
    }

    @Test("the repetition penalty comes before the presence penalty")
    func repetitionBeforePresence() throws {
        // 4 ÷ 2 - 1 = 1, whereas (4 - 1) ÷ 2 = 1.5, against 1.2.
        let parameters = SamplingParameters(repetitionPenalty: 2, presencePenalty: 1)
        #expect(try choice([4, 1.2], parameters, generated: [0]) == 1)
    }

    @Test("a bias of -100 forbids a token and one of 100 forces it, also where it is sampled")
    func bias() throws {
        for position in 0..<200 as Range<UInt32> {
            let forbidden = SamplingParameters(logitBias: [1: -100], seed: 3)
            #expect(try choice([1, 5, 1], forbidden, position: position) != 1)
            let forced = SamplingParameters(logitBias: [2: 100], seed: 3)
            #expect(try choice([1, 5, 1], forced, position: position) == 2)
        }
    }

    @Test("penalties change the choice but not the log-probabilities")
    func logprobsStayRaw() throws {
        let logits: [Float] = [2, 1.9, -1]
        let parameters = SamplingParameters(temperature: 0, repetitionPenalty: 2, logitBias: [2: -5])
        let sampled = try Sampler.sample(
            logits: logits.span, parameters: parameters, history: TokenHistory([0], promptCount: 1),
            at: SamplePosition(sequenceIndex: 0, position: 1), alternatives: 3)
        #expect(sampled.token == 1)
        let scored = try Sampler.score(logits: logits.span, target: 1, alternatives: 3)
        #expect(sampled == scored)
    }

    @Test("penalties and temperatures at the ends of their ranges keep even the greatest logits in order")
    func extremes() throws {
        let huge = Float.greatestFiniteMagnitude
        let parameters = SamplingParameters(
            temperature: .leastNonzeroMagnitude, repetitionPenalty: 0.01, presencePenalty: 100, frequencyPenalty: 100)
        #expect(try choice([huge, -huge, 0], parameters, generated: [0, 1]) == 0)
        let strong = SamplingParameters(repetitionPenalty: 100)
        #expect(try choice([-huge, -huge / 2, -huge], strong, prompt: [1]) == 0)
    }

    /// Greedy unless the parameters or a position say otherwise.
    private func choice(
        _ logits: [Float], _ parameters: SamplingParameters, prompt: [Int32] = [], generated: [Int32] = [],
        position: UInt32? = nil
    ) throws -> Int32 {
        var parameters = parameters
        if position == nil && parameters.temperature == 1 { parameters.temperature = 0 }
        return try Sampler.sample(
            logits: logits.span, parameters: parameters,
            history: TokenHistory(prompt + generated, promptCount: prompt.count),
            at: SamplePosition(sequenceIndex: 0, position: position ?? 0), alternatives: 0
        ).token
    }
}
