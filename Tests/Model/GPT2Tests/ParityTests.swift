import GPT2
import Kernels
import Testing

@Suite("Parity with Hugging Face transformers")
struct ParityTests {
    @Test("logits differ by less than a thousandth", arguments: Fixture.allCases)
    func logits(fixture: Fixture) throws {
        let reference = try fixture.reference()
        let pipeline = try Pipeline(fixture)
        let expected = try fixture.logits(vocabularySize: pipeline.configuration.vocabularySize)
        let table = Pipeline.blocks(for: reference.tokens.count)
        let found = try pipeline.logits([SequenceSlice(start: 0, tokens: reference.tokens, blockTable: table)])
        #expect(expected.rows == reference.positions.count)
        for (index, position) in reference.positions.enumerated() {
            let difference = zip(expected.row(index), found.row(position)).map { abs($0 - $1) }.max()
            #expect(try #require(difference) < 1e-3, "position \(position)")
        }
    }

    @Test("greedy decoding gives the same tokens", arguments: Fixture.allCases)
    func greedy(fixture: Fixture) throws {
        let reference = try fixture.reference()
        let pipeline = try Pipeline(fixture)
        let table = Pipeline.blocks(for: reference.tokens.count)
        var continuation: [Int32] = []
        var slice = SequenceSlice(start: 0, tokens: reference.prompt, blockTable: table)
        while continuation.count < reference.greedy.count {
            let logits = try pipeline.logits([slice])
            let token = logits.argmax(row: logits.rows - 1)
            continuation.append(token)
            slice.start += slice.tokens.count
            slice.tokens = [token]
        }
        #expect(continuation == reference.greedy)
    }
}
