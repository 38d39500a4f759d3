import Foundation
import Messages
import Observe
import Testing

@Suite("A generation as JSON")
struct GenerationLinesTests {
    private func json(_ line: some Encodable) throws -> [String: Any] {
        let object = try JSONSerialization.jsonObject(with: JSONEncoder().encode(line))
        return try #require(object as? [String: Any])
    }

    @Test("pieces are put together, and the end says what was used")
    func complete() throws {
        var lines = GenerationLines(logprobs: false)
        let identity = [UInt8](repeating: 0, count: 32)
        lines.begin(
            Accepted(
                requestID: 1, promptTokens: 2, numericsVersion: 7, modelSHA256: identity, tokenizerSHA256: identity
            ) {
                $0.sampling = SamplingSettings(temperature: 0.5, topK: 40, minP: 0.25, seed: 9)
                $0.endTokens = [8, 9]
            })
        for (offset, bytes) in [[0x61, 0xC3], [0xA9]].enumerated() as EnumeratedSequence<[[UInt8]]> {
            let piece = Piece(
                requestID: 1, index: 3, tokenOffset: UInt32(offset), text: bytes, tokens: [Int32(offset)])
            #expect(try json(lines.line(piece))["tokenOffset"] as? Int == offset)
        }
        let done = try json(
            lines.line(
                Done(requestID: 1, index: 3, reason: .length, seed: 9, promptTokens: 2, generatedTokens: 2)))
        #expect(done["text"] as? String == "aé" && done["tokens"] as? [Int] == [0, 1])
        #expect(done["contextFull"] == nil && done["prompt"] == nil)
        #expect(done["finishReason"] as? String == "length" && done["numericsVersion"] as? Int == 7)
        #expect(done["endTokens"] as? [Int] == [8, 9] && done["logprobs"] == nil)
        let sampling = try #require(done["sampling"] as? [String: Double])
        let expected = [
            "temperature": 0.5, "topK": 40, "topP": 1, "minP": 0.25, "repetitionPenalty": 1, "presencePenalty": 0,
            "frequencyPenalty": 0, "seed": 9,
        ]
        #expect(sampling == expected)
    }

    @Test("a full context and the prompt are told where they are to be")
    func contextFull() throws {
        var lines = GenerationLines(logprobs: false, prompt: Array("é".utf8))
        let done = Done(
            requestID: 1, index: 0, reason: .length, seed: 1, promptTokens: 1, generatedTokens: 1, isContextFull: true)
        let line = try json(lines.line(done))
        #expect(line["contextFull"] as? Bool == true && line["prompt"] as? String == "é")
    }

    @Test("a continuation without any text has an empty one")
    func empty() throws {
        var lines = GenerationLines(logprobs: true)
        let done = try json(
            lines.line(Done(requestID: 1, index: 0, reason: .stop, seed: 1, promptTokens: 1, generatedTokens: 0)))
        #expect(done["text"] as? String == "" && done["tokens"] as? [Int] == [])
        #expect((done["logprobs"] as? [Any])?.isEmpty == true && done["sampling"] == nil)
    }
}
