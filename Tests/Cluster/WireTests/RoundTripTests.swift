import Messages
import Testing
import Wire

@Suite("Round trip")
struct RoundTripTests {
    @Test("every message comes back as it was sent", arguments: Samples.messages.keys.sorted())
    func samples(name: String) throws {
        let sample = try #require(Samples.messages[name])
        #expect(try sample.isRead(sample.frames))
    }

    @Test("random messages of every kind come back as they were sent", arguments: 0..<RandomMessages.kinds)
    func randomMessages(kind: Int) throws {
        for seed in 0..<50 as Range<UInt64> {
            var random = RandomMessages(seed: seed)
            let message = random.message(kind: kind)
            #expect(try message.isRead(message.frames), "kind \(kind), seed \(seed)")
        }
    }

    @Test("a string with a NUL inside ends there")
    func nulInString() throws {
        let message = WireMessage(ControlMessage.refused(reason: "be\0fore"))
        #expect(try WireMessage<ControlMessage>(frames: message.frames()).body == .refused(reason: "be"))
    }

    @Test("a received string with a NUL inside ends there, too")
    func nulInReceivedString() throws {
        let frame = RawMessage.header(body: 12, RawMessage.bytes(1, Array("be\0fore".utf8)))
        #expect(try WireMessage<ControlMessage>(frames: [frame]).body == .refused(reason: "be"))
    }

    @Test("what is not UTF-8 in a string is replaced")
    func invalidUTF8() throws {
        let frame = RawMessage.header(body: 12, RawMessage.bytes(1, [0x61, 0xff, 0x62, 0xc3]))
        #expect(try WireMessage<ControlMessage>(frames: [frame]).body == .refused(reason: "a\u{fffd}b\u{fffd}"))
    }

    @Test("fields of type bytes hold anything")
    func anyBytes() throws {
        let message = WireMessage(ClientReply.detokenized(requestID: 1, text: [0, 0xff, 0xc3, 0, 0x61]))
        #expect(try WireMessage(frames: message.frames()) == message)
    }

    @Test("numbers that are not finite come back bit for bit")
    func notFinite() throws {
        let bits: UInt32 = 0x7fc0_1234
        let result = TokenResult(token: 1, logprob: Float(bitPattern: bits))
        let message = WireMessage(ClientReply.scorePiece(ScorePiece(requestID: 1, tokenOffset: 0, scores: [result])))
        guard case .scorePiece(let piece) = try WireMessage<ClientReply>(frames: message.frames()).body else {
            Issue.record("another body")
            return
        }
        #expect(piece.scores[0].logprob.bitPattern == bits)
    }

    @Test("fields this version does not know are passed over")
    func unknownFields() throws {
        var frame = WireMessage(ControlMessage.drain).frames()[0]
        frame += RawMessage.bytes(1000, [1, 2, 3]) + RawMessage.number(1001, 7)
        #expect(try WireMessage(frames: [frame]) == WireMessage(ControlMessage.drain))
    }
}
