import Scheduling
import Testing

@Suite("Score windows")
struct ScoreWindowsTests {
    @Test("an empty text and a single token have nothing to score", arguments: [0, 1])
    func nothingToScore(count: Int) {
        #expect(ScoreWindows(count: count, context: 8, stride: 4).isEmpty)
    }

    @Test("a text that fits is one window; its last token is not run")
    func oneWindow() {
        let two = ScoreWindows(count: 2, context: 8, stride: 4)
        #expect(two.map(\.tokens) == [0..<1])
        #expect(two.map(\.targets) == [1..<2])
        // One more than the context still fits: the last row predicts the token behind the window.
        let nine = ScoreWindows(count: 9, context: 8, stride: 4)
        #expect(nine.map(\.tokens) == [0..<8])
        #expect(nine.map(\.targets) == [1..<9])
        #expect(nine.first?.firstRow == 0)
    }

    @Test("a longer text goes on in windows that start a stride apart")
    func severalWindows() {
        let windows = ScoreWindows(count: 20, context: 8, stride: 4)
        #expect(windows.map(\.tokens) == [0..<8, 4..<12, 8..<16, 12..<19])
        #expect(windows.map(\.targets) == [1..<9, 9..<13, 13..<17, 17..<20])
        #expect(windows.map(\.firstRow) == [0, 4, 4, 4])
    }

    @Test("with stride 1 every later token has the whole context before it")
    func strideOne() {
        let windows = ScoreWindows(count: 12, context: 8, stride: 1)
        #expect(windows.dropFirst().map(\.targets) == [9..<10, 10..<11, 11..<12])
        #expect(windows.dropFirst().allSatisfy { $0.tokens.count == 8 && $0.firstRow == 7 })
    }

    @Test("for every length, context and stride: each token once, in order, with the context its window gives")
    func exhaustive() {
        for context in 1...10 {
            for stride in 1...context {
                for count in 0...45 {
                    let windows = Array(ScoreWindows(count: count, context: context, stride: stride))
                    guard let failure = firstFailure(of: windows, count: count, context: context, stride: stride) else {
                        continue
                    }
                    Issue.record("count \(count), context \(context), stride \(stride): \(failure) in \(windows)")
                }
            }
        }
    }

    /// The plain recipe: a token is scored by the first window that reaches it, and windows start at multiples of the
    /// stride.
    private func firstFailure(of windows: [ScoreWindow], count: Int, context: Int, stride: Int) -> String? {
        var scoredIn: [Int: Int] = [:]
        for (number, window) in windows.enumerated() {
            if window.tokens.isEmpty || window.tokens.count > context { return "a window of a wrong length" }
            if window.targets.isEmpty { return "a window for nothing" }
            if window.tokens.lowerBound != number * stride { return "a wrong start" }
            if window.tokens.upperBound >= count { return "the last token is run" }
            if !(0..<window.tokens.count).contains(window.firstRow) { return "a wrong first row" }
            for target in window.targets {
                if scoredIn.updateValue(number, forKey: target) != nil { return "token \(target) scored twice" }
                let row = window.firstRow + target - window.targets.lowerBound
                if window.tokens.lowerBound + row != target - 1 { return "token \(target) predicted by a wrong row" }
            }
        }
        for token in 1..<max(1, count) {
            let first = (0...count).first { token <= $0 * stride + context }
            if scoredIn[token] != first { return "token \(token) not in the first window that reaches it" }
        }
        return scoredIn.count == max(0, count - 1) ? nil : "tokens scored that are not there"
    }
}
