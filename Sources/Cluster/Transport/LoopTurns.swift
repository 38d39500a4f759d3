import CZeroMQ

/// The loop itself, on its thread: waits for messages, events and ticks, and hands them to the handler.
struct LoopTurns<Handler: SocketHandler> {
    private let handler: Handler
    private let sockets: ZeroMQSockets
    private let inbox: Inbox<Handler.Posted>
    private let wakeDescriptor: Int32
    private let tickInterval: Duration

    init(
        handler: Handler, sockets: ZeroMQSockets, inbox: Inbox<Handler.Posted>, wakeDescriptor: Int32,
        tickInterval: Duration
    ) {
        self.handler = handler
        self.sockets = sockets
        self.inbox = inbox
        self.wakeDescriptor = wakeDescriptor
        self.tickInterval = tickInterval
    }

    /// Returns after `stopping()`, or throws the error the loop was stopped with.
    func runUntilStopped() throws {
        defer { handler.stopping() }
        handler.started()
        var nextTick = ContinuousClock.now + tickInterval
        var hasMoreWork = false
        while !sockets.isStopping {
            let ready = try poll(until: hasMoreWork ? .now : nextTick)
            if ready.hasInbox { handOutPosted() }
            for socket in ready.sockets { handOut(socket) }
            let now = ContinuousClock.now
            if now >= nextTick, !sockets.isStopping {
                handler.tick(now: now)
                nextTick = now + tickInterval
            }
            if !sockets.isStopping { hasMoreWork = handler.work() }
        }
        if let error = sockets.stopError { throw error }
    }

    private struct Ready {
        var hasInbox: Bool
        var sockets: [(id: SocketID, canRead: Bool, canWrite: Bool)]
    }

    /// Waits until a socket or the inbox has something, or the time has come.
    private func poll(until deadline: ContinuousClock.Instant) throws(TransportError) -> Ready {
        let polled = Array(sockets.all)
        var items = polled.map { zmq_pollitem_t(socket: $0.pointer, fd: 0, events: $0.events, revents: 0) }
        items.append(zmq_pollitem_t(socket: nil, fd: wakeDescriptor, events: Int16(ZMQ_POLLIN), revents: 0))
        let timeout = Int((deadline - ContinuousClock.now).wholeMilliseconds)
        guard zmq_poll(&items, Int32(items.count), timeout) >= 0 else {
            guard zmq_errno() == EINTR else { throw .zeroMQ("polling the sockets") }
            return Ready(hasInbox: false, sockets: [])
        }

        func has(_ event: Int32, _ item: zmq_pollitem_t) -> Bool { Int32(item.revents) & event != 0 }
        let ready = zip(polled, items).compactMap { socket, item in
            item.revents == 0 ? nil : (id: socket.id, canRead: has(ZMQ_POLLIN, item), canWrite: has(ZMQ_POLLOUT, item))
        }
        return Ready(hasInbox: items.last.map { has(ZMQ_POLLIN, $0) } ?? false, sockets: ready)
    }

    private func handOutPosted() {
        let (events, stopRequested) = inbox.take()
        for event in events where !sockets.isStopping { handler.posted(event) }
        if stopRequested { sockets.stop() }
    }

    /// A callback may close any socket, stop reading from it, or end the loop, so the state is looked up each time.
    private func handOut(_ ready: (id: SocketID, canRead: Bool, canWrite: Bool)) {
        if ready.canWrite, !sockets.isStopping, let socket = sockets[ready.id], socket.awaitsWritable {
            socket.awaitsWritable = false
            handler.writable(ready.id)
        }
        guard ready.canRead else { return }
        var attempts = sockets.limits.messagesPerTurn
        while !sockets.isStopping, let socket = sockets[ready.id], socket.isReading,
            let message = sockets.receive(on: socket, attempts: &attempts)
        {
            handler.received(message, on: ready.id)
        }
    }
}
