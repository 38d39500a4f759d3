import Coordinator
import Messages
import Scheduling
import Testing

@Suite("Calibration, and workers that come later")
struct CalibrationTests {
    private func counts(_ fleet: TestFleet) -> [[Int]] {
        (fleet.membership.plan?.pipelines ?? []).map { $0.layers.map(\.count) }
    }

    @Test("workers measure before the plan goes live, and its description has what they measured")
    func beforeLive() throws {
        let fleet = try TestFleet()
        fleet.join("a")
        fleet.join("b")
        fleet.ready("a")
        #expect(fleet.ready("b").measured == ["a", "b"])
        #expect(!fleet.membership.isLive)
        #expect(fleet.membership.stateLine == "calibrating: 0 of 2 workers have measured their speed")
        #expect(fleet.measured("a") == [])
        #expect(fleet.membership.stateLine == "calibrating: 1 of 2 workers have measured their speed")
        let up = try #require(fleet.measured("b").pipelinesUp)
        #expect(fleet.membership.isLive && fleet.epoch == 1)
        let stages = up.0.pipelines[0].description.stages
        let layers = up.0.pipelines[0].layers
        #expect(abs(stages[0].costs.milliseconds(rows: 8) - Double(layers[0].count) * 1.5) < 1e-9)
        #expect(abs(stages[1].costs.milliseconds(rows: 8) - (Double(layers[1].count) + 3.5) * 1.5) < 1e-9)
    }

    @Test("where the measured speeds make another plan much better, it takes the place of the first")
    func replan() throws {
        let fleet = try TestFleet()
        fleet.speeds = ["a": 4]
        fleet.join("a")
        fleet.join("b")
        let first = counts(fleet)
        let actions = fleet.readyAll()
        #expect(fleet.membership.isLive && fleet.epoch == 2)
        #expect(actions.filter(\.isUp).count == 1 && actions.pipelinesDown == nil)
        #expect(first == [[6, 2]])
        let plan = try #require(fleet.membership.plan)
        let layersOfSlow = plan.pipelines.flatMap { zip($0.workers, $0.layers) }
            .first { $0.0 == TestFleet.id("a") }?.1.count
        #expect((layersOfSlow ?? 0) <= 3, "\(plan)")
        // Each is asked once, whatever plans follow.
        #expect(fleet.actions.measured.sorted() == ["a", "b"])
    }

    @Test("where the other plan would be little better, the first goes live")
    func keep() throws {
        let fleet = try TestFleet()
        fleet.speeds = ["a": 1.05]
        fleet.goLive("a", "b")
        #expect(fleet.epoch == 1 && fleet.membership.stateLine == "ready: 2 stages")
    }

    @Test("workers of one machine are taken for equally fast, whatever each measured")
    func oneHost() throws {
        let fleet = try TestFleet()
        fleet.speeds = ["a": 3]
        fleet.join("a", host: "x")
        fleet.join("b", host: "x")
        fleet.readyAll()
        #expect(fleet.epoch == 1 && fleet.membership.isLive)
    }

    @Test("a slow worker is left idle, and the state says why, with numbers")
    func slow() throws {
        let fleet = try TestFleet(wanted: 3)
        fleet.speeds = ["old": 200]
        fleet.goLive("a", "old", "b")
        #expect(fleet.stages.sorted() == ["a", "b"])
        let line = fleet.membership.stateLine
        #expect(line.hasPrefix("ready: 2 stages; 1 worker idle: ") && line.contains("tok/s with it"), "\(line)")
    }

    @Test("a worker that does not answer, or cannot measure, holds nothing up for ever")
    func silent() throws {
        let fleet = try TestFleet { $0.calibrationMilliseconds = 20_000 }
        fleet.join("a")
        fleet.join("b")
        for name in ["a", "b"] { fleet.ready(name) }
        fleet.measured("b")
        for _ in 0..<20 {
            for name in ["a", "b"] { fleet.heard(name) }
            #expect(fleet.pass(1_000).pipelinesUp == nil)
        }
        for name in ["a", "b"] { fleet.heard(name) }
        #expect(fleet.pass(1_000).pipelinesUp != nil)
        let other = try TestFleet()
        other.join("a")
        other.join("b")
        for name in ["a", "b"] { other.ready(name) }
        other.take(other.membership.fault("no memory", fatal: false, epoch: 1, from: TestFleet.id("a")))
        for name in ["a", "b"] { other.ready(name) }
        #expect(other.measured("b", epoch: 2).pipelinesUp != nil)
    }

    @Test("a worker that comes later is taken in when nothing runs, where that pays")
    func newcomer() throws {
        let fleet = try TestFleet()
        fleet.goLive("a", "b")
        #expect(fleet.membership.idle(now: fleet.now) == [])
        fleet.join("c")
        #expect(fleet.epoch == 1 && fleet.membership.isLive)
        let actions = fleet.take(fleet.membership.idle(now: fleet.now))
        #expect(actions.pipelinesDown?.contains("takes the place of plan 1") == true)
        #expect(fleet.epoch == 2 && fleet.stages.sorted() == ["a", "b", "c"])
        #expect(actions.assignment(of: "c") != nil && !fleet.membership.isLive)
        fleet.readyAll()
        #expect(fleet.membership.isLive && fleet.actions.measured == ["a", "b", "c"])
        #expect(fleet.membership.idle(now: fleet.now) == [])
    }

    @Test("a worker that comes later to a machine that works already stands by, and the state says why")
    func newcomerOfNoUse() throws {
        let fleet = try TestFleet()
        fleet.join("a", host: "x")
        fleet.join("b", host: "x")
        fleet.readyAll()
        fleet.join("c", host: "x")
        #expect(fleet.membership.idle(now: fleet.now) == [])
        #expect(fleet.membership.isLive && fleet.epoch == 1)
        let line = fleet.membership.stateLine
        #expect(line.hasPrefix("ready: 2 stages; 1 worker idle: ") && line.contains("tok/s"), "\(line)")
    }

    @Test("what batches took counts in the next plan")
    func refined() throws {
        let fleet = try TestFleet()
        fleet.goLive("a", "b")
        fleet.membership.refine([TestFleet.id("a"): RowCosts([.init(rows: 8, milliseconds: 6)]), [9]: RowCosts([])])
        fleet.take(fleet.membership.fault("x", fatal: false, epoch: 1, from: TestFleet.id("b")))
        let plan = try #require(fleet.membership.plan)
        #expect(fleet.epoch == 2)
        let slow = plan.pipelines.flatMap { zip($0.workers, $0.layers) }.first { $0.0 == TestFleet.id("a") }?.1.count
        #expect((slow ?? 0) <= 3, "\(plan)")
    }
}
