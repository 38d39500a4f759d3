import Messages
import Observe
import Testing

struct GenerationStatisticsTests {
    private let begin = ContinuousClock.now

    private func piece(_ tokens: [Int32]) -> Piece {
        Piece(requestID: 1, index: 0, tokenOffset: 0, text: [], tokens: tokens)
    }

    private func done(_ tokens: UInt32) -> Done {
        Done(requestID: 1, index: 0, reason: .stop, seed: 9, promptTokens: 1, generatedTokens: tokens)
    }

    @Test func `The speed is that after the first token, of all texts together`() {
        var statistics = GenerationStatistics(begin: begin)
        statistics.add(piece([]), at: begin + .seconds(1))
        statistics.add(piece([1]), at: begin + .seconds(2))
        statistics.add(piece([2, 3]), at: begin + .seconds(3))
        statistics.add(piece([4, 5, 6]), at: begin + .seconds(4))
        statistics.add(done(4))
        statistics.add(done(2))
        #expect(statistics.text == "6 tokens, first after 2.00 s, 2.5 tok/s, seed 9")
    }

    @Test func `Without a second token there is no speed, and without a first no time to it`() {
        var one = GenerationStatistics(begin: begin)
        one.add(piece([1]), at: begin + .milliseconds(250))
        one.add(done(1))
        #expect(one.text == "1 token, first after 0.25 s, seed 9")
        #expect(GenerationStatistics(begin: begin).text == "0 tokens")
    }
}
