import ArgumentParser
import Messages

/// Numbers that are the same for the same seed on every machine.
///
/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
package struct SeededNumbers: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Requests of random tokens, each with an id and a seed of its own.
struct RandomRequests: Sendable {
    /// Every vocabulary of GPT-2's kind begins with the 256 bytes.
    private static let tokens: ClosedRange<Int32> = 0...255

    private var numbers: SeededNumbers
    private var lastRequestID: UInt64 = 0

    init(seed: UInt64) { numbers = SeededNumbers(seed: seed) }

    /// Its lengths are drawn from the ranges.
    mutating func next(prompt: ClosedRange<Int>, decode: ClosedRange<Int>) -> Generate {
        lastRequestID += 1
        let length = Int.random(in: prompt, using: &numbers)
        let tokens = (0..<length).map { _ in Int32.random(in: Self.tokens, using: &numbers) }
        return Generate(
            requestID: lastRequestID, prompt: Prompt(content: .tokens(tokens)),
            maximumTokens: UInt32(Int.random(in: decode, using: &numbers)),
            parameters: SamplingSettings(temperature: 1, seed: numbers.next()), ignoreEndOfText: true)
    }

    mutating func next(prompt: Int, decode: Int) -> Generate {
        next(prompt: prompt...prompt, decode: decode...decode)
    }
}

/// A length, or the least and the greatest of several, such as 5-900.
struct LengthRange: ExpressibleByArgument {
    let values: ClosedRange<Int>

    init?(argument: String) {
        let parts = argument.split(separator: "-", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { Int($0) }
        guard (1...2).contains(parts.count), numbers.count == parts.count, let first = numbers.first,
            let last = numbers.last, first >= 1, last <= 65_536, first <= last
        else { return nil }
        values = first...last
    }
}
