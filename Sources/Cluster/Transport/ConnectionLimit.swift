import CZeroMQ
import Glibc
import Synchronization

/// Cuts connections that come when descriptors run short. A process needs some for itself; and with none left,
/// ZeroMQ's thread would try to accept again and again without a pause.
///
/// The system gives each new descriptor the lowest free number, so a high number says how many are in use.
final class ConnectionLimit: Sendable {
    /// Descriptors kept for other things than connections that come in; a quarter of a small limit.
    private static let reserve = 64

    private let refused = Atomic<UInt64>(0)
    private let lastWatch = Atomic<UInt64>(0)

    /// Connections cut so far.
    var refusedCount: UInt64 { refused.load(ordering: .relaxed) }

    /// Watches a socket that is about to listen, until it is closed, on a thread of its own.
    func watch(_ socket: OpenSocket, in context: UnsafeMutableRawPointer) throws(TransportError) {
        let number = lastWatch.add(1, ordering: .relaxed).newValue
        let address = "inproc://accepted-\(number)"
        guard zmq_socket_monitor(socket.pointer, address, ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_MONITOR_STOPPED) == 0 else {
            throw .zeroMQ("watching for connections")
        }
        guard let events = zmq_socket(context, ZMQ_PAIR) else { throw .zeroMQ("making a ZeroMQ socket") }
        guard zmq_connect(events, address) == 0 else {
            zmq_close(events)
            throw .zeroMQ("watching for connections")
        }
        let source = EventSource(pointer: events)
        do throws(TransportError) {
            try LoopThread.start(name: "connections") { [self] in
                while let descriptor = source.nextAccepted() { check(descriptor) }
                source.close()
            }
        } catch {
            source.close()
            throw error
        }
    }

    private func check(_ descriptor: Int32) {
        guard Int(descriptor) >= Self.ceiling else { return }
        // ZeroMQ's own thread closes it, as it does when a peer has gone.
        shutdown(descriptor, Int32(SHUT_RDWR))
        refused.add(1, ordering: .relaxed)
    }

    /// The first number that no connection may have.
    private static var ceiling: Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return .max }
        let all = Int(clamping: limit.rlim_cur)
        return all - min(reserve, all / 4)
    }
}

/// The monitor of a listening socket.
// @unchecked: made on one thread and then used by another only.
private final class EventSource: @unchecked Sendable {
    private let pointer: UnsafeMutableRawPointer
    private let part = UnsafeMutablePointer<zmq_msg_t>.allocate(capacity: 1)

    init(pointer: UnsafeMutableRawPointer) { self.pointer = pointer }

    deinit { part.deallocate() }

    func close() { zmq_close(pointer) }

    /// Waits for a connection, and gives its descriptor; nil when the listening socket is closed.
    func nextAccepted() -> Int32? {
        while true {
            // Two bytes of the event's number, four of its value; then the address, in a part of its own.
            guard let event = receive(), receive() != nil, event.count >= 6 else { return nil }
            let number = Int32(event[0]) | Int32(event[1]) << 8
            if number & ZMQ_EVENT_MONITOR_STOPPED != 0 { return nil }
            let value = (2..<6).reduce(UInt32(0)) { $0 | UInt32(event[$1]) << UInt32(8 * ($1 - 2)) }
            if number & ZMQ_EVENT_ACCEPTED != 0 { return Int32(bitPattern: value) }
        }
    }

    private func receive() -> [UInt8]? {
        zmq_msg_init(part)
        defer { zmq_msg_close(part) }
        while zmq_msg_recv(part, pointer, 0) < 0 {
            guard zmq_errno() == EINTR else { return nil }
        }
        guard let data = zmq_msg_data(part) else { return [] }
        return [UInt8](UnsafeRawBufferPointer(start: data, count: zmq_msg_size(part)))
    }
}
