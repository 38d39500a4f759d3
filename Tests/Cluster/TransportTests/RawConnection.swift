import Dispatch
import Foundation
import Transport

/// A TCP connection that speaks no ZeroMQ, or speaks it by hand and badly.
enum RawConnection {
    /// When the near end has said all it has to say.
    enum Ending {
        /// Ends its side, as a program that exits does.
        case hangUp
        /// Stays silent, and waits to be thrown out.
        case silence
    }

    /// Connects, shakes hands as ZeroMQ does if it is to be a peer of that type, sends the bytes, and reads until the
    /// far end closes; false if that takes longer than ten seconds.
    static func talk(
        to endpoint: Endpoint, as peerType: String? = nil, _ bytes: [UInt8], then ending: Ending
    ) async -> Bool {
        await withCheckedContinuation { done in
            DispatchQueue.global().async { done.resume(returning: converse(endpoint, peerType, bytes, ending)) }
        }
    }

    private static func converse(
        _ endpoint: Endpoint, _ peerType: String?, _ bytes: [UInt8], _ ending: Ending
    ) -> Bool {
        guard let connection = connection(to: endpoint) else { return false }
        defer { close(connection) }
        if let peerType {
            // ZeroMQ takes messages only from those who have waited for its side of the handshake.
            guard say(ZMTP.greeting + ZMTP.ready(socketType: peerType), on: connection),
                hears("READY", on: connection)
            else { return false }
        }
        // A connection that is closed halfway through is an end like another.
        if say(bytes, on: connection), ending == .hangUp { shutdown(connection, Int32(SHUT_WR)) }
        return hears(nil, on: connection)
    }

    private static func connection(to endpoint: Endpoint) -> Int32? {
        let connection = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard connection >= 0 else { return nil }
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(connection, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(endpoint.port).bigEndian)
        inet_pton(AF_INET, endpoint.host, &address.sin_addr)
        let isConnected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(connection, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        if !isConnected { close(connection) }
        return isConnected ? connection : nil
    }

    private static func say(_ bytes: [UInt8], on connection: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard sent > 0 else { return false }
            rest = rest.dropFirst(sent)
        }
        return true
    }

    /// Reads until the word has come, or without one until the far end closes; false if it is not so within the time.
    private static func hears(_ word: String?, on connection: Int32) -> Bool {
        var all: [UInt8] = []
        var heard = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = recv(connection, &heard, heard.count, 0)
            guard count > 0 else { return word == nil && (count == 0 || errno != EAGAIN) }
            all += heard.prefix(count)
            if let word, all.firstRange(of: [UInt8](word)) != nil { return true }
        }
    }
}

/// What a peer says in ZeroMQ's protocol, ZMTP 3 (rfc.zeromq.org/spec/23), byte by byte.
enum ZMTP {
    /// Signature, version 3.1, mechanism NULL, no server.
    static let greeting: [UInt8] =
        [0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 1] + [UInt8]("NULL") + [UInt8](repeating: 0, count: 48)

    static func ready(socketType: String) -> [UInt8] {
        command("READY", property("Socket-Type", socketType) + property("Identity", ""))
    }

    static func command(_ name: String, _ body: [UInt8]) -> [UInt8] {
        let content = [UInt8(name.utf8.count)] + [UInt8](name) + body
        return [0x04, UInt8(content.count)] + content
    }

    /// A frame of up to 255 bytes.
    static func frame(_ body: [UInt8], hasMore: Bool = false) -> [UInt8] {
        [hasMore ? 0x01 : 0x00, UInt8(body.count)] + body
    }

    /// The header of a frame that says it has so many bytes.
    static func longHeader(byteCount: UInt64, hasMore: Bool = false) -> [UInt8] {
        [hasMore ? 0x03 : 0x02] + (0..<8).map { UInt8(truncatingIfNeeded: byteCount >> (56 - 8 * $0)) }
    }

    private static func property(_ name: String, _ value: String) -> [UInt8] {
        let count = UInt8(value.utf8.count)
        return [UInt8(name.utf8.count)] + [UInt8](name) + [0, 0, 0, count] + [UInt8](value)
    }
}
