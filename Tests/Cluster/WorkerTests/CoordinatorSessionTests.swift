import Messages
import Testing
import Transport
import Worker

@Suite("A worker's session with its coordinator")
struct CoordinatorSessionTests {
    private let start = ContinuousClock().now
    private let welcome = Welcome(heartbeatMilliseconds: 1_000, version: 1, workerID: [1])

    private func session(welcomedEvery milliseconds: UInt32? = nil) -> CoordinatorSession {
        var session = CoordinatorSession(socket: SocketID(number: 1))
        guard let milliseconds else { return session }
        let welcome = Welcome(heartbeatMilliseconds: milliseconds, version: 1, workerID: [1])
        _ = session.welcomed(welcome, incarnation: 42, now: start)
        return session
    }

    /// What is due after so many milliseconds.
    private func due(_ session: inout CoordinatorSession, _ milliseconds: Int) -> CoordinatorSession.Due {
        session.tick(now: start + .milliseconds(milliseconds))
    }

    @Test("Hello is due at once, and every second until it is answered, however long that takes")
    func hello() {
        var session = session()
        #expect(due(&session, 0) == .sendHello)
        for second in 0..<100 {
            session.helloSent(now: start + .seconds(second))
            #expect(due(&session, 1_000 * second + 999) == .none)
            #expect(due(&session, 1_000 * second + 1_000) == .sendHello)
        }
        #expect(!session.isWelcome && session.incarnation == 0 && session.epoch == 0)
    }

    @Test("the first welcome counts, and brings the incarnation")
    func welcomed() {
        var session = session()
        session.helloSent(now: start)
        let first = session.welcomed(welcome, incarnation: 42, now: start)
        let second = session.welcomed(welcome, incarnation: 43, now: start)
        #expect(first && !second)
        #expect(session.isWelcome && session.incarnation == 42)
    }

    @Test("heartbeats are due at once and then at the coordinator's pace")
    func heartbeats() {
        var session = session(welcomedEvery: 200)
        #expect(due(&session, 0) == .sendHeartbeat)
        #expect(due(&session, 0) == .none)
        #expect(due(&session, 199) == .none)
        #expect(due(&session, 200) == .sendHeartbeat)
        #expect(due(&session, 399) == .none)
        #expect(due(&session, 400) == .sendHeartbeat)
    }

    @Test("a coordinator silent for three heartbeats is lost; one that is heard is not")
    func lost() {
        var session = session(welcomedEvery: 1_000)
        for second in 1...60 {
            session.heard(now: start + .seconds(second))
            #expect(due(&session, 1_000 * second + 900) != .lost)
        }
        #expect(due(&session, 63_000) != .lost)
        #expect(due(&session, 63_001) == .lost)
    }

    @Test("a welcome repeated shows that the coordinator lives")
    func welcomeIsHeard() {
        var session = session(welcomedEvery: 1_000)
        _ = session.welcomed(welcome, incarnation: 42, now: start + .seconds(3))
        #expect(due(&session, 5_900) != .lost)
        #expect(due(&session, 6_001) == .lost)
    }

    @Test(
        "a pace out of all reason is brought within it",
        arguments: [(0, 50), (1, 50), (.max, 60_000)] as [(UInt32, Int)])
    func bounds(milliseconds: UInt32, interval: Int) {
        var session = session(welcomedEvery: milliseconds)
        #expect(due(&session, 0) == .sendHeartbeat)
        #expect(due(&session, interval - 1) == .none)
        #expect(due(&session, interval) == .sendHeartbeat)
        #expect(due(&session, 3 * interval) != .lost)
        #expect(due(&session, 3 * interval + 1) == .lost)
    }
}
