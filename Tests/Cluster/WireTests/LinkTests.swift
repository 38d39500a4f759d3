import Messages
import Testing
import Wire

@Suite("Links")
struct LinkTests {
    @Test("a message of another link is refused by the link's name")
    func foreign() {
        let hello = WireMessage(ControlMessage.drain).frames()
        let batch = WireMessage(DataMessage.batch(Batch(batchID: 1))).frames()
        let request = WireMessage(ClientRequest.cancel(requestID: 1)).frames()
        let reply = WireMessage(ClientReply.tokenized(Tokenized(requestID: 1, tokens: []))).frames()
        for frames in [batch, request, reply] {
            #expect(ReadingFailure.of(frames, as: ControlMessage.self) == .foreignBody(link: "control"))
        }
        for frames in [hello, request, reply] {
            #expect(ReadingFailure.of(frames, as: DataMessage.self) == .foreignBody(link: "data"))
        }
        for frames in [hello, batch, reply] {
            #expect(ReadingFailure.of(frames, as: ClientRequest.self) == .foreignBody(link: "client"))
        }
        for frames in [hello, batch, request] {
            #expect(ReadingFailure.of(frames, as: ClientReply.self) == .foreignBody(link: "client"))
        }
    }
}
