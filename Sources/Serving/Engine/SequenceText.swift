import Messages
import Tokenizer

/// Turns the tokens a sequence samples into the text to show, and knows when the text is complete.
package struct SequenceText: Sendable {
    private var detokenizer: StreamingDetokenizer
    private var matcher: StopStringMatcher
    private let stopTokens: Set<Int32>

    /// - Parameter stopTokens: with the model's end tokens, where they count.
    package init(tokenizer: BytePairTokenizer, stopStrings: [String], stopTokens: Set<Int32>) {
        detokenizer = StreamingDetokenizer(tokenizer)
        matcher = StopStringMatcher(stopStrings)
        self.stopTokens = stopTokens
    }

    /// What a token adds.
    package struct Addition: Equatable {
        package var text = ""
        /// False for a stop token, which is no part of the answer.
        package var isShown = true
        package var isStopped = false
    }

    /// Takes the next token in. After one that `isLast` or stops the text, nothing is held back any more.
    package mutating func append(_ token: Int32, isLast: Bool) -> Addition {
        if stopTokens.contains(token) {
            return Addition(text: finish().text, isShown: false, isStopped: true)
        }
        let (text, stopped) = matcher.append(detokenizer.append(token))
        var addition = Addition(text: text, isStopped: stopped)
        if isLast && !stopped {
            let rest = finish()
            addition.text += rest.text
            addition.isStopped = rest.stopped
        }
        return addition
    }

    /// What was held back, now that nothing more will come.
    package mutating func finish() -> (text: String, stopped: Bool) {
        let (text, stopped) = matcher.append(detokenizer.finish())
        return (stopped ? text : text + matcher.finish(), stopped)
    }
}
