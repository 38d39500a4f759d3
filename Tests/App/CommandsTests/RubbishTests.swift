import Foundation
import Messages
import TestSupport
import Testing
import Transport
import Wire

/// Whatever comes to a socket, the process lives on and serves those who make sense.
@Suite("Rubbish on the sockets", .serialized)
struct RubbishTests {
    private func port(_ endpoint: String) throws -> UInt16 { UInt16(try Endpoint(endpoint).port) }

    /// Opens a TCP connection, writes the bytes, closes it.
    private func writeRaw(_ bytes: [UInt8], port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { return }
        _ = bytes.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    }

    @Test("bytes that are no ZeroMQ, and ZeroMQ messages that are no header of ours, are dropped on every socket")
    func everySocket() async throws {
        let seed = TestSeed.value
        var random = SplitMix64(seed: seed)
        try await TestCluster.with(workers: 2) { cluster in
            let status = try await cluster.status()
            let workers = try #require(status["workers"] as? [[String: Any]])
            let data = try workers.map { try #require($0["endpoint"] as? String) }
            for endpoint in [cluster.controlEndpoint, cluster.clientEndpoint] + data {
                for _ in 0..<20 {
                    let bytes = (0..<Int.random(in: 1...200, using: &random)).map { _ in
                        UInt8.random(in: 0...255, using: &random)
                    }
                    writeRaw(bytes, port: try port(endpoint))
                }
                writeRaw(Array("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8), port: try port(endpoint))
            }
            let routers = [cluster.controlEndpoint, cluster.clientEndpoint].map { ($0, false) }
            for (endpoint, isPull) in routers + data.map({ ($0, true) }) {
                try await RubbishSender.send(
                    rubbish(&random), to: try Endpoint(endpoint), isPull: isPull)
            }
            let after = try await waitUntil("the coordinator to count what it dropped") { () -> Int? in
                let dropped = try await cluster.status()["dropped_messages"] as? Int ?? 0
                return dropped >= 20 ? dropped : nil
            }
            #expect(after >= 20, "seed \(seed)")
            let answer = try await cluster.client("generate", "A king", "--max-tokens", "5")
            #expect(answer.status == 0, "seed \(seed): \(answer.errors)")
            for process in [cluster.coordinator] + cluster.workers {
                #expect(process.isRunning, "seed \(seed)")
            }
        }
    }

    /// Random frames, messages for another link, and true messages damaged.
    private func rubbish(_ random: inout SplitMix64) -> [[[UInt8]]] {
        var messages: [[[UInt8]]] = []
        for _ in 0..<20 {
            messages.append([(0..<50).map { _ in UInt8.random(in: 0...255, using: &random) }])
        }
        for body in [
            ControlMessage.measure, .refused(reason: "no"), .drain,
            .ready(Ready(digests: [], weightBytes: 1, cacheBytes: 1)),
        ] {
            messages.append(WireMessage(body, incarnation: 5, epoch: 1, linkSequence: 1).frames())
        }
        for body in [
            DataMessage.batchResult(BatchResult(batchID: 1)),
            .batch(Batch(batchID: 7, slices: [Slice(sequenceID: 1, index: 0, start: 0, tokens: [1], blockTable: [0])])),
        ] {
            messages.append(WireMessage(body, incarnation: 5, epoch: 1, linkSequence: 1).frames())
        }
        let request = WireMessage(ClientRequest.statusRequest(requestID: 1)).frames()
        for index in request[0].indices {
            var damaged = request[0]
            damaged[index] ^= UInt8.random(in: 1...255, using: &random)
            messages.append([damaged])
        }
        return messages
    }
}

/// Sends messages as they are, on a socket of its own.
private final class RubbishSender: SocketHandler {
    typealias Posted = Never

    private let sockets: any Sockets
    private let socket: SocketID
    private var messages: [[[UInt8]]]

    private init(_ sockets: any Sockets, _ messages: [[[UInt8]]], _ endpoint: Endpoint, isPull: Bool) throws {
        self.sockets = sockets
        self.messages = messages
        socket = isPull ? try sockets.connectPush(endpoint) : try sockets.connectDealer(endpoint)
    }

    static func send(_ messages: [[[UInt8]]], to endpoint: Endpoint, isPull: Bool) async throws {
        let loop = SocketLoop<RubbishSender>(name: "rubbish", bindPolicy: .loopbackOnly)
        try await loop.run { try RubbishSender($0, messages, endpoint, isPull: isPull) }
    }

    func started() { sendRest() }
    func writable(_ socket: SocketID) { sendRest() }
    func posted(_ event: Never) {}
    func received(_ message: Message, on socket: SocketID) {}

    private func sendRest() {
        while let next = messages.first {
            guard sockets.send(next, on: socket) == .sent else { return }
            messages.removeFirst()
        }
        sockets.stop()
    }
}
