/// One run of the model over part of a text that is scored.
public struct ScoreWindow: Sendable, Equatable {
    /// Tokens that are run: indices into the text.
    public var tokens: Range<Int>
    /// Tokens whose log-probability comes from this window: indices into the text, each one past the row that predicts it.
    public var targets: Range<Int>

    /// The row of the window that predicts the first target.
    public var firstRow: Int { targets.lowerBound - 1 - tokens.lowerBound }
}

/// Cuts a text longer than the context into windows that overlap, so that each token is scored once, with all the context
/// its window gives. A collection that takes no memory, however long the text.
public struct ScoreWindows: RandomAccessCollection, Sendable {
    /// Tokens of the text.
    private let tokenCount: Int
    private let context: Int
    private let stride: Int

    /// Windows over `count` tokens, `context` long at most, each starting `stride` after the one before. The first token
    /// of all has nothing before it and is in no window's targets.
    public init(count: Int, context: Int, stride: Int) {
        precondition(count >= 0 && context > 0 && (1...context).contains(stride), "checked by the caller")
        (tokenCount, self.context, self.stride) = (count, context, stride)
    }

    public var startIndex: Int { 0 }

    public var endIndex: Int {
        guard tokenCount > 1 else { return 0 }
        let beyondFirst = Swift.max(0, tokenCount - 1 - context)
        return 1 + (beyondFirst + stride - 1) / stride
    }

    public subscript(index: Int) -> ScoreWindow {
        let scored = index == 0 ? 1 : end(index - 1) + 1
        return ScoreWindow(tokens: (index * stride)..<end(index), targets: scored..<(end(index) + 1))
    }

    /// A window's last row predicts the token behind it, so the text's last token need not be run.
    private func end(_ index: Int) -> Int { Swift.min(index * stride + context, tokenCount - 1) }
}
