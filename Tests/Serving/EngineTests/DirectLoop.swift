import Messages
import ServingSupport

/// What requests to a ``FakeStage`` ought to give, found without batches, blocks or pieces.
enum DirectLoop {
    struct Answer: Equatable {
        var tokens: [Int32] = []
        var text = ""
        var reason = FinishReason.length
    }

    /// The token a random test's stage samples: mostly of a few words that the stop strings are made of, some of them
    /// parts of characters, and now and then end of text.
    static func next(_ tokens: [Int32], index: UInt32, words: [Int32]) -> Int32 {
        let hash = FakeStage.hash(tokens + [Int32(index)]) >> 7
        return hash % 41 == 0 ? Demo.endOfText : words[Int(hash % UInt64(words.count))]
    }

    /// The answer of one sequence.
    static func answer(
        _ request: Generate, prompt: [Int32], index: UInt32, context: Int, words: [Int32]
    ) throws -> Answer {
        var answer = Answer()
        var stopTokens = Set(request.stopTokens)
        if !request.ignoreEndOfText { stopTokens.insert(Demo.endOfText) }
        while answer.tokens.count < min(Int(request.maximumTokens), context - prompt.count + 1) {
            let token = next(prompt + answer.tokens, index: index, words: words)
            if stopTokens.contains(token) {
                answer.reason = .stop
                break
            }
            answer.tokens.append(token)
            if let text = beforeStop(try Demo.text(answer.tokens), request.stopStrings) {
                return Answer(tokens: answer.tokens, text: text, reason: .stop)
            }
        }
        answer.text = try Demo.text(answer.tokens)
        return answer
    }

    /// The text before the stop string that is complete first, the longest of several; nil where there is none.
    private static func beforeStop(_ text: String, _ stops: [[UInt8]]) -> String? {
        let bytes = Array(text.utf8)
        for end in 0...bytes.count {
            let found = stops.filter { bytes[..<end].suffix($0.count).elementsEqual($0) }
            if let longest = found.map(\.count).max() {
                return String(decoding: bytes[..<(end - longest)], as: UTF8.self)
            }
        }
        return nil
    }
}
