import Messages

/// Requests of random tokens, each with a seed of its own.
struct RandomRequests: Sendable {
    /// Every vocabulary of GPT-2's kind begins with the 256 bytes.
    private static let tokens: ClosedRange<Int32> = 0...255

    private var numbers: SeededNumbers

    init(seed: UInt64) { numbers = SeededNumbers(seed: seed) }

    /// Its lengths are chosen at random from the ranges.
    mutating func next(prompt: ClosedRange<Int>, decode: ClosedRange<Int>) -> Generate {
        let length = Int.random(in: prompt, using: &numbers)
        let tokens = (0..<length).map { _ in Int32.random(in: Self.tokens, using: &numbers) }
        return Generate(
            requestID: 0, prompt: Prompt(content: .tokens(tokens)),
            maximumTokens: UInt32(Int.random(in: decode, using: &numbers)),
            parameters: Self.sampling(seed: numbers.next()), ignoreEndOfText: true)
    }

    /// Everything is said, so that figures of models whose files bring defaults can be compared.
    private static func sampling(seed: UInt64) -> RequestedSampling {
        RequestedSampling(
            temperature: 1, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1, presencePenalty: 0, frequencyPenalty: 0,
            seed: seed)
    }

    mutating func next(prompt: Int, decode: Int) -> Generate {
        next(prompt: prompt...prompt, decode: decode...decode)
    }
}
