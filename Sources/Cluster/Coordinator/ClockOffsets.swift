import Messages

/// How the workers' clocks stand to the coordinator's, and how long messages take, from the heartbeats of both sides. The
/// quickest heartbeat each way counts; what the two ways differ by is taken for the clocks.
package struct ClockOffsets {
    private struct Clocks {
        var fromWorker = LeastDelay()
        // As the worker found it for the coordinator's heartbeats.
        var toWorker: Int64?
        var last: UInt64
    }

    private var clocks: [WorkerID: Clocks] = [:]

    package init() {}

    /// A worker's heartbeat came.
    /// - Parameter received: when, in microseconds of the coordinator's clock.
    package mutating func note(_ heartbeat: Heartbeat, from id: WorkerID, received: UInt64) {
        guard let sent = heartbeat.clockMicroseconds else { return }
        var known = clocks[id] ?? Clocks(last: sent)
        known.fromWorker.note(sent: sent, received: received)
        known.toWorker = heartbeat.leastDelayMicroseconds
        known.last = sent
        clocks[id] = known
    }

    /// Forgets those who are gone.
    package mutating func keepOnly(_ ids: some Sequence<WorkerID>) {
        let present = Set(ids)
        clocks = clocks.filter { present.contains($0.key) }
    }

    /// The worker's clock as it sent the last heartbeat.
    package func lastClock(of id: WorkerID) -> UInt64? { clocks[id]?.last }

    /// What the coordinator tells the worker in its own heartbeats.
    package func leastDelay(from id: WorkerID) -> Int64? { clocks[id]?.fromWorker.microseconds }

    /// A heartbeat for a worker, with what tells the clocks apart; other messages as they are.
    func stamped(_ body: ControlMessage, for id: WorkerID, now: UInt64) -> ControlMessage {
        guard case .heartbeat(var heartbeat) = body else { return body }
        heartbeat.clockMicroseconds = now
        heartbeat.leastDelayMicroseconds = leastDelay(from: id)
        return .heartbeat(heartbeat)
    }

    /// The coordinator's clock less the worker's, in microseconds; nil before the first heartbeat. While the worker has
    /// not said how the coordinator's heartbeats come, it is too large by the latency.
    package func offset(of id: WorkerID) -> Int64? {
        guard let clocks = clocks[id], let there = clocks.fromWorker.microseconds else { return nil }
        guard let back = clocks.toWorker else { return there }
        // Halved first: a worker may say anything, and nothing may overflow.
        return there / 2 - back / 2
    }

    /// The offset of the worker of a pipeline's stage; nil where there is no such stage.
    func offset(of workers: [WorkerID], stage: Int) -> Int64? {
        workers.indices.contains(stage) ? offset(of: workers[stage]) : nil
    }

    /// One way between coordinator and worker, in microseconds; nil before both have heard heartbeats.
    package func latency(of id: WorkerID) -> UInt64? {
        guard let clocks = clocks[id], let there = clocks.fromWorker.microseconds, let back = clocks.toWorker else {
            return nil
        }
        return UInt64(max(0, there / 2 + back / 2))
    }
}
