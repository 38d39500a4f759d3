import Coordinator
import Messages
import TestSupport
import Testing

@Suite("Workers that leave")
struct LeavingTests {
    @Test("a worker lost while layers load: the plan ends, and the next waits for another worker")
    func lostLoading() throws {
        let fleet = try TestFleet()
        fleet.join("a")
        fleet.join("b")
        fleet.ready("a")
        let actions = fleet.take(fleet.membership.unreachable(TestFleet.id("b")))
        #expect(actions.pipelinesDown == nil && fleet.membership.plan == nil)
        #expect(fleet.membership.stateLine == "waiting for workers: 1 of 2 are here")
        fleet.join("c")
        #expect(fleet.epoch == 2 && fleet.stages == ["a", "c"])
        // The answer to the assignment before.
        #expect(fleet.ready("a", epoch: 1) == [])
        #expect(fleet.readyAll().pipelinesUp?.0.epoch == 2)
    }

    @Test("a worker lost from a live pipeline: the reason names it, and a spare steps in at once")
    func lostLive() throws {
        let fleet = try TestFleet()
        fleet.host = "x"
        fleet.goLive("a", "b", "c")
        let actions = fleet.take(fleet.membership.unreachable(TestFleet.id("a")))
        #expect(actions.pipelinesDown == "worker 'a' (tcp://10.0.0.1:7001) is gone")
        #expect(fleet.epoch == 2 && fleet.stages == ["b", "c"] && !fleet.membership.isLive)
        #expect(actions.assignment(of: "b") != nil && actions.assignment(of: "c") != nil)
        fleet.readyAll()
        #expect(fleet.membership.isLive)
        #expect(fleet.membership.unreachable(TestFleet.id("a")) == [])
    }

    @Test("a spare that leaves changes nothing")
    func lostSpare() throws {
        let fleet = try TestFleet()
        fleet.host = "x"
        fleet.goLive("a", "b", "c")
        let actions = fleet.take(fleet.membership.bye(TestFleet.id("c"), reason: nil))
        #expect(actions.pipelinesDown == nil && fleet.membership.isLive && fleet.epoch == 1)
    }

    @Test("a worker silent for three heartbeats is gone; one that is heard is not")
    func heartbeats() throws {
        let fleet = try TestFleet()
        fleet.goLive("a", "b")
        for _ in 0..<6 {
            fleet.pass(500)
            #expect(fleet.membership.isLive)
            fleet.heard("a")
        }
        let actions = fleet.pass(1)
        #expect(actions.pipelinesDown == "worker 'b' (tcp://10.0.0.1:7001) has not been heard of for 3 s")
        #expect(fleet.names == ["a"])
        #expect(fleet.heard("b") == false)
    }

    @Test("several silent at once are all let go, and the live ones make the next plan")
    func severalSilent() throws {
        let fleet = try TestFleet()
        fleet.goLive("a", "b", "c", "d", "e")
        for name in ["d", "e"] { _ = fleet.membership.heard(from: TestFleet.id(name), now: fleet.now + 3_000) }
        let actions = fleet.pass(3_001)
        #expect(actions.filter { $0.isDown }.count == 1)
        #expect(fleet.names == ["d", "e"])
        fleet.beat(["d": (0, 0), "e": (0, 0)])
        fleet.pass(1_000)
        #expect(fleet.stages == ["d", "e"])
    }

    @Test("heartbeats go to every worker each second, with the epoch")
    func heartbeatsOut() throws {
        let fleet = try TestFleet()
        fleet.host = "x"
        fleet.goLive("a", "b", "c")
        #expect(fleet.pass(1_000).sent(to: "c") == [.heartbeat(Heartbeat())])
        #expect(fleet.pass(999) == [])
        #expect(
            fleet.pass(1) == ["a", "b", "c"].map { .send(.heartbeat(Heartbeat()), epoch: 1, to: TestFleet.id($0)) })
    }

    @Test("a fatal fault lets the worker go")
    func fatalFault() throws {
        let fleet = try TestFleet()
        fleet.host = "x"
        fleet.goLive("a", "b", "c")
        let actions = fleet.take(
            fleet.membership.fault("disk on fire", fatal: true, epoch: 1, from: TestFleet.id("b")))
        #expect(actions.pipelinesDown?.hasSuffix("failed: disk on fire") == true)
        #expect(fleet.names == ["a", "c"] && fleet.stages == ["a", "c"])
    }

    @Test("plans that fail one after the other are made ever more slowly, and at once again after a steady one")
    func faults() throws {
        let fleet = try TestFleet()
        fleet.goLive("a", "b")
        for seconds in [0, 1, 2, 4, 8, 16, 30, 30] as [UInt64] {
            let actions = fault(fleet)
            #expect((actions.assignment(of: "a") != nil) == (seconds == 0))
            var waited: UInt64 = 0
            while fleet.membership.plan == nil, waited < 100 {
                #expect(fleet.membership.stateLine.hasPrefix("the last plans failed; the next is made in "))
                waited += 1
                pass(fleet, seconds: 1)
            }
            #expect(waited == seconds)
        }
        fleet.readyAll()
        #expect(fleet.membership.isLive && fleet.epoch == 9)
        pass(fleet, seconds: 30)
        #expect(fault(fleet).assignment(of: "b") != nil && fleet.epoch == 10)
    }

    private func fault(_ fleet: TestFleet) -> [MembershipAction] {
        fleet.take(fleet.membership.fault("x", fatal: false, epoch: fleet.epoch, from: TestFleet.id("b")))
    }

    /// Seconds in which both workers are heard of.
    private func pass(_ fleet: TestFleet, seconds: Int) {
        for _ in 0..<seconds {
            for name in ["a", "b"] { fleet.heard(name) }
            fleet.pass(1_000)
        }
    }

    @Test("a worker that never finishes loading is let go, and a spare steps in")
    func slowLoading() throws {
        let fleet = try TestFleet { $0.loadingMilliseconds = 60_000 }
        for name in ["a", "b", "c"] { fleet.join(name) }
        fleet.ready("b")
        for _ in 0..<60 {
            fleet.heard("c")
            pass(fleet, seconds: 1)
        }
        #expect(fleet.epoch == 1)
        fleet.heard("c")
        pass(fleet, seconds: 1)
        #expect(fleet.actions.refusal(of: "a") == "it has not loaded its layers within 1 minutes")
        #expect(fleet.names == ["b", "c"] && fleet.stages == ["b", "c"] && fleet.epoch == 2)
    }

    @Test("faults of another epoch, of strangers and of spares end nothing")
    func strangeFaults() throws {
        let fleet = try TestFleet()
        fleet.host = "x"
        fleet.goLive("a", "b", "c")
        #expect(fleet.membership.fault("x", fatal: false, epoch: 0, from: TestFleet.id("a")) == [])
        #expect(fleet.membership.fault("x", fatal: false, epoch: 1, from: TestFleet.id("c")) == [])
        #expect(fleet.membership.fault("x", fatal: true, epoch: 1, from: TestFleet.id("nobody")) == [])
        #expect(fleet.membership.isLive && fleet.epoch == 1)
    }

    @Test("a worker of the pipeline that drains goes when no request runs any more")
    func drain() throws {
        let fleet = try TestFleet()
        fleet.host = "x"
        fleet.goLive("a", "b", "c")
        let asked = fleet.take(fleet.membership.drain(TestFleet.id("a")))
        #expect(asked.sent(to: "a") == [] && fleet.membership.isLive && fleet.membership.isDraining)
        #expect(fleet.membership.stateLine.contains("worker 'a'"))
        #expect(fleet.membership.stateLine.contains("is leaving; waiting for running requests"))
        let gone = fleet.take(fleet.membership.drained())
        #expect(gone.sent(to: "a") == [.bye(reason: nil)])
        #expect(fleet.stages == ["b", "c"] && !fleet.membership.isDraining)
        #expect(fleet.membership.drained() == [])
    }

    @Test("a spare, or a worker that still loads, may go at once")
    func drainIdle() throws {
        let fleet = try TestFleet()
        fleet.join("a")
        fleet.join("b")
        fleet.join("c")
        #expect(fleet.take(fleet.membership.drain(TestFleet.id("c"))).sent(to: "c") == [.bye(reason: nil)])
        #expect(fleet.epoch == 1)
        #expect(fleet.take(fleet.membership.drain(TestFleet.id("a"))).sent(to: "a") == [.bye(reason: nil)])
        #expect(fleet.names == ["b"] && fleet.membership.plan == nil)
        #expect(fleet.membership.drain(TestFleet.id("a")) == [])
    }

    @Test("all workers drain: all are let go, and no plan is made of those that leave")
    func drainAll() throws {
        let fleet = try TestFleet()
        fleet.goLive("a", "b")
        fleet.take(fleet.membership.drain(TestFleet.id("a")))
        fleet.take(fleet.membership.drain(TestFleet.id("b")))
        let gone = fleet.take(fleet.membership.drained())
        #expect(gone.sent(to: "a") == [.bye(reason: nil)] && gone.sent(to: "b") == [.bye(reason: nil)])
        #expect(gone.assignment(of: "a") == nil && gone.assignment(of: "b") == nil)
        #expect(fleet.names == [] && fleet.membership.plan == nil)
    }

    @Test("epochs only grow, whatever comes and goes")
    func epochs() throws {
        for seed in UInt64(0)..<200 {
            var random = SplitMix64(seed: seed)
            let fleet = try TestFleet(wanted: random.int(1...3))
            for _ in 0..<60 { churn(fleet, &random) }
            let epochs = fleet.actions.compactMap { action -> UInt64? in
                guard case .send(.assignment, let epoch, _) = action else { return nil }
                return epoch
            }
            #expect(epochs == epochs.sorted(), "seed \(seed)")
            let ups = fleet.actions.filter(\.isUp).count
            let downs = fleet.actions.filter(\.isDown).count
            #expect(ups - downs == (fleet.membership.isLive ? 1 : 0), "seed \(seed)")
            #expect(fleet.stages.allSatisfy(fleet.names.contains), "seed \(seed)")
        }
    }

    /// One random event of one of six workers.
    private func churn(_ fleet: TestFleet, _ random: inout SplitMix64) {
        let name = ["a", "b", "c", "d", "e", "f"][random.int(0...5)]
        let id = TestFleet.id(name)
        switch random.int(0...9) {
        case 0...2: fleet.join(name)
        case 3...5: fleet.ready(name)
        case 6: fleet.take(fleet.membership.bye(id, reason: nil))
        case 7:
            let epoch = fleet.epoch - (fleet.epoch > 0 && random.chance(30) ? 1 : 0)
            fleet.take(fleet.membership.fault("x", fatal: random.chance(50), epoch: epoch, from: id))
        case 8:
            fleet.take(random.chance(50) ? fleet.membership.drain(id) : fleet.membership.drained())
        default: fleet.pass(UInt64(random.int(1...1_500)))
        }
    }
}

extension MembershipAction {
    var isUp: Bool { if case .pipelinesUp = self { true } else { false } }
    var isDown: Bool { if case .pipelinesDown = self { true } else { false } }
}
