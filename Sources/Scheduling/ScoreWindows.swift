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
/// its window gives.
public enum ScoreWindows {
    /// Windows over `count` tokens, `context` long at most, each starting `stride` after the one before. The first token
    /// of all has nothing before it and is in no window's targets.
    public static func windows(count: Int, context: Int, stride: Int) -> [ScoreWindow] {
        precondition(context > 0 && (1...context).contains(stride), "checked by the caller")
        var windows: [ScoreWindow] = []
        var start = 0
        var scored = 1
        while scored < count {
            // A window's last row predicts the token behind it, so the text's last token need not be run.
            let end = min(start + context, count - 1)
            windows.append(ScoreWindow(tokens: start..<end, targets: scored..<(end + 1)))
            scored = end + 1
            start += stride
        }
        return windows
    }
}
