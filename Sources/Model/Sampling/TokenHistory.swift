/// The tokens of a sequence so far, which penalties look at: those of the prompt, then the generated ones.
public struct TokenHistory: Sendable, Equatable {
    public var tokens: [Int32]
    /// How many of the tokens are the prompt's.
    public var promptCount: Int

    public init(_ tokens: [Int32] = [], promptCount: Int = 0) {
        (self.tokens, self.promptCount) = (tokens, promptCount)
    }
}
