import Messages
import Testing
import Wire

@Suite("A coordinator's answers to what it cannot take")
struct MisdirectedTests {
    @Test("a client on the workers' port is told the clients' port, whatever it asks")
    func clientOnControlPort() throws {
        let cluster = try VirtualCluster([nil], seed: 1)
        let prompt = Prompt(content: .tokens([1]))
        let requests: [ClientRequest] = [
            .generate(Generate(requestID: 5, prompt: prompt)), .score(Score(requestID: 5, prompt: prompt)),
            .tokenize(requestID: 5, prompt: prompt), .detokenize(requestID: 5, tokens: [1]),
            .statusRequest(requestID: 5), .traceRequest(requestID: 5, after: 0),
        ]
        for request in requests {
            let answer = try cluster.answerOnControlPort(WireMessage(request).frames())
            guard case .failure(let failure) = try WireMessage<ClientReply>(frames: answer).body else {
                throw NoReply(replies: [])
            }
            #expect(failure.requestID == 5)
            #expect(failure.message.contains("port for workers; clients dial port \(cluster.endpoints.clients.port)"))
        }
    }

    @Test("a worker on the clients' port is refused with the workers' port")
    func workerOnClientPort() throws {
        let cluster = try VirtualCluster([nil], seed: 1)
        let hello = Hello(
            name: "w", hostID: "h", dataEndpoint: "tcp://*:7000",
            configurationSHA256: [UInt8](repeating: 0, count: 32))
        cluster.sendRaw(WireMessage(ControlMessage.hello(hello)).frames())
        cluster.advance()
        let answer = try #require(cluster.takeFrames().first)
        guard case .refused(let reason) = try WireMessage<ControlMessage>(frames: answer).body else {
            throw NoReply(replies: [])
        }
        #expect(reason.contains("port for clients; workers dial port \(cluster.endpoints.control.port)"))
    }

    @Test("a request beyond a limit of the wire fails by its number, with the limit")
    func beyondLimit() throws {
        let cluster = try VirtualCluster([nil], seed: 1)
        var request = Generate(requestID: 7, prompt: Prompt(content: .tokens([1])))
        request.stopTokens = [Int32](repeating: 1, count: WireLimits.stops + 1)
        cluster.send(.generate(request))
        cluster.advance()
        guard case .failure(let failure) = cluster.takeReplies().first else { throw NoReply(replies: []) }
        #expect(failure.requestID == 7 && failure.code == .badRequest)
        #expect(failure.message.contains("Generate.stop_tokens has 1025 entries; at most 1024 are allowed"))
    }

    @Test("rubbish is answered on neither port")
    func rubbish() throws {
        let cluster = try VirtualCluster([nil], seed: 1)
        for frames in [[[1, 2, 3]], [[UInt8]()], WireMessage(ClientReply.heartbeat(Heartbeat())).frames()] {
            cluster.sendRaw(frames)
            #expect(throws: NoReply.self) { try cluster.answerOnControlPort(frames) }
        }
        cluster.send(.heartbeat(Heartbeat()))
        cluster.advance()
        // The answer to the heartbeats alone.
        #expect(cluster.takeReplies().allSatisfy { if case .heartbeat = $0 { true } else { false } })
    }
}
