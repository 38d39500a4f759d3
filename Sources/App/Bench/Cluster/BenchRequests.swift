/// Lengths of the requests, and what they are made of.
package struct BenchRequests: Sendable {
    /// Tokens of a prompt.
    package let prompt: ClosedRange<Int>
    /// Tokens of an answer.
    package let decode: ClosedRange<Int>
    package let seed: UInt64

    package init(prompt: ClosedRange<Int>, decode: ClosedRange<Int>, seed: UInt64) {
        (self.prompt, self.decode, self.seed) = (prompt, decode, seed)
    }
}
