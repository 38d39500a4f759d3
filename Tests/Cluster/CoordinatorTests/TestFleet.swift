import Coordinator
import Logging
import Messages
import ServingSupport
import Wire

/// A membership with pretended workers, who keep what they are sent.
final class TestFleet {
    var membership: Membership
    var now: UInt64 = 10_000
    /// Where all workers are; nil: each on a machine of its own. On one machine a further worker is of no use, and is left
    /// standing by.
    var host: String?
    /// Milliseconds a layer that workers will say they take; 1 for those that are not here.
    var speeds: [String: Double] = [:]
    /// Everything it wanted done, in order.
    private(set) var actions: [MembershipAction] = []

    init(wanted: Int = 2, sequences: Int = 2, change: (inout MembershipConfiguration) -> Void = { _ in }) throws {
        var configuration = MembershipConfiguration(workersWanted: wanted, resultEndpoint: "tcp://*:9000")
        change(&configuration)
        membership = Membership(configuration: configuration, model: try Demo.model(), sequences: sequences)
    }

    static func hello(_ name: String, host: String? = nil, pin: ClosedRange<UInt32>? = nil) -> Hello {
        Hello(
            name: name, hostID: host ?? "host of \(name)", dataEndpoint: "tcp://10.0.0.1:7001",
            configurationSHA256: Demo.digest(200)
        ) {
            $0.protocolMinimum = 1
            $0.protocolMaximum = 1
            $0.software = "test"
            $0.cores = 2
            $0.memoryBytes = 1 << 40
            $0.instructionSet = "AVX2"
            $0.pinnedLayers = pin
            $0.numericsVersion = Demo.numericsVersion
        }
    }

    @discardableResult
    func take(_ new: [MembershipAction]) -> [MembershipAction] {
        actions += new
        return new
    }

    @discardableResult
    func join(
        _ name: String, host: String? = nil, pin: ClosedRange<UInt32>? = nil
    ) -> [MembershipAction] {
        hello(Self.hello(name, host: host ?? self.host, pin: pin), from: name)
    }

    @discardableResult
    func hello(
        _ hello: Hello, from name: String, address: String? = "10.0.0.9"
    ) -> [MembershipAction] {
        take(membership.hello(hello, from: Self.id(name), address: address, now: now))
    }

    /// The worker has loaded its layers.
    @discardableResult
    func ready(_ name: String, epoch: UInt64? = nil, blocks: UInt32? = nil) -> [MembershipAction] {
        let layers = membership.record(Self.id(name)).flatMap { membership.layers(of: $0) } ?? 0..<0
        let ready = Ready(digests: Demo.groupDigests(of: layers), weightBytes: 1, cacheBytes: 1, blockCount: blocks)
        return take(membership.ready(ready, epoch: epoch ?? self.epoch, from: Self.id(name)))
    }

    /// All workers join, and those of the plan load their layers and say how fast they are.
    func goLive(_ names: String...) {
        for name in names { join(name) }
        readyAll()
    }

    /// The stages of the plan load their layers, and all that are asked for their speed answer; a plan that takes the place
    /// of another is loaded too. Returns all that was wanted done.
    @discardableResult
    func readyAll() -> [MembershipAction] {
        let first = actions.count
        for _ in 0..<8 where !membership.isLive {
            for name in stages { ready(name) }
            measureAll()
        }
        return Array(actions[first...])
    }

    /// All that were asked answer, and those that are asked next.
    func measureAll() {
        for _ in 0..<names.count where !membership.isLive {
            for name in names where membership.record(Self.id(name))?.measuring == true { measured(name) }
        }
    }

    /// A worker says how fast it is: as fast as `speed` says, in milliseconds a layer for a row.
    @discardableResult
    func measured(_ name: String, speed: Double? = nil, epoch: UInt64? = nil) -> [MembershipAction] {
        let milliseconds = speed ?? speeds[name] ?? 1
        let isLast = membership.record(Self.id(name)).flatMap { membership.layers(of: $0) }?.upperBound == 8
        let measured = [1, 8, 64].map { rows in
            let factor = milliseconds * (1 + Double(rows) / 16)
            return Speed(
                rows: UInt32(rows), millisecondsPerLayer: factor, headMilliseconds: isLast ? 3.5 * factor : nil)
        }
        return take(membership.measured(measured, epoch: epoch ?? self.epoch, from: Self.id(name)))
    }

    /// A message of some kind came; false where it is no worker's.
    @discardableResult
    func heard(_ name: String) -> Bool { membership.heard(from: Self.id(name), now: now) }

    /// A heartbeat of every worker with these counts, and time goes on.
    func beat(_ statistics: [String: (received: UInt64, sent: UInt64)]) {
        for (name, links) in statistics.sorted(by: { $0.key < $1.key }) {
            heard(name)
            membership.heartbeat(
                Self.statistics(received: links.received, sent: links.sent), epoch: epoch, from: Self.id(name),
                now: now)
        }
    }

    @discardableResult
    func pass(_ milliseconds: UInt64) -> [MembershipAction] {
        now += milliseconds
        return take(membership.tick(now: now))
    }

    static func statistics(received: UInt64, sent: UInt64) -> Statistics {
        Statistics {
            $0.batches = sent
            $0.rows = sent
            $0.busyMicroseconds = 1
            $0.receivedSequence = received
            $0.sentSequence = sent
            $0.droppedMessages = 0
            $0.residentBytes = 1
            $0.queuedBatches = 0
        }
    }

    static func id(_ name: String) -> WorkerID { Array(name.utf8) }

    // MARK: - What is

    var epoch: UInt64 { membership.plan?.epoch ?? 0 }
    /// Names of the workers of the plan, in the order of the stages.
    var stages: [String] { (membership.plan?.workers ?? []).map { String(decoding: $0, as: UTF8.self) } }
    var names: [String] { membership.workers.map(\.hello.name) }
}

extension [MembershipAction] {
    /// What a worker is sent.
    func sent(to name: String) -> [ControlMessage] {
        compactMap { action in
            guard case .send(let body, _, let id) = action, id == TestFleet.id(name) else { return nil }
            return body
        }
    }

    func assignment(of name: String) -> Assignment? {
        for case .assignment(let assignment) in sent(to: name) { return assignment }
        return nil
    }

    func refusal(of name: String) -> String? {
        for case .refused(let reason) in sent(to: name) { return reason }
        return nil
    }

    func welcome(of name: String) -> Welcome? {
        for case .welcome(let welcome) in sent(to: name) { return welcome }
        return nil
    }

    /// Those who are asked for their speed.
    var measured: [String] {
        compactMap { action in
            guard case .send(.measure, _, let id) = action else { return nil }
            return String(decoding: id, as: UTF8.self)
        }
    }

    var pipelinesUp: (Plan, [String])? {
        for case .pipelinesUp(let plan, let endpoints) in self { return (plan, endpoints) }
        return nil
    }

    var pipelinesDown: String? {
        for case .pipelinesDown(let reason) in self { return reason }
        return nil
    }
}
