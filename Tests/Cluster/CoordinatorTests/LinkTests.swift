import Coordinator
import Testing

@Suite("Lost messages on the data links")
struct LinkTests {
    /// Two stages, live, three batches sent down and all of them back.
    private func live() throws -> TestFleet {
        let fleet = try TestFleet()
        fleet.goLive("a", "b")
        for sequence in UInt64(1)...3 {
            fleet.membership.batchSent(sequence, pipeline: 0, now: fleet.now)
            #expect(fleet.membership.resultReceived(sequence, pipeline: 0) == [])
        }
        fleet.beat(["a": (3, 3), "b": (3, 3)])
        return fleet
    }

    /// Seconds pass with these counts; returns why the pipeline went down.
    private func wait(
        _ fleet: TestFleet, seconds: Int, _ statistics: [String: (received: UInt64, sent: UInt64)]
    ) -> String? {
        for _ in 0..<seconds {
            fleet.now += 1_000
            fleet.beat(statistics)
            if let reason = fleet.pass(1).pipelinesDown { return reason }
        }
        return nil
    }

    @Test("nothing is lost while nothing is under way, however long")
    func idle() throws {
        let fleet = try live()
        #expect(wait(fleet, seconds: 60, ["a": (3, 3), "b": (3, 3)]) == nil)
        #expect(fleet.membership.isLive)
    }

    @Test("a batch the first stage never took in")
    func firstLink() throws {
        let fleet = try live()
        fleet.membership.batchSent(4, pipeline: 0, now: fleet.now)
        let reason = wait(fleet, seconds: 6, ["a": (3, 3), "b": (3, 3)])
        #expect(reason == "the link from the coordinator to worker 'a' (tcp://10.0.0.1:7001) lost a message")
        // The workers are still here, and the next plan is made of them.
        #expect(fleet.epoch == 2)
    }

    @Test("a batch that was lost between two stages")
    func middleLink() throws {
        let fleet = try live()
        fleet.membership.batchSent(4, pipeline: 0, now: fleet.now)
        let reason = wait(fleet, seconds: 6, ["a": (4, 4), "b": (3, 3)])
        #expect(reason?.hasPrefix("the link from worker 'a'") == true)
        #expect(reason?.contains("to worker 'b'") == true)
    }

    @Test("a result that was lost on its way back")
    func lastLink() throws {
        let fleet = try live()
        fleet.membership.batchSent(4, pipeline: 0, now: fleet.now)
        let reason = wait(fleet, seconds: 6, ["a": (4, 4), "b": (4, 4)])
        #expect(reason?.hasPrefix("the link from worker 'b'") == true)
        #expect(reason?.hasSuffix("to the coordinator lost a message") == true)
    }

    @Test("a batch that a stage computes for minutes is not lost")
    func slowStage() throws {
        let fleet = try live()
        fleet.membership.batchSent(4, pipeline: 0, now: fleet.now)
        #expect(wait(fleet, seconds: 120, ["a": (4, 3), "b": (3, 3)]) == nil)
        #expect(wait(fleet, seconds: 120, ["a": (4, 4), "b": (4, 3)]) == nil)
        #expect(fleet.membership.resultReceived(4, pipeline: 0) == [])
        #expect(wait(fleet, seconds: 60, ["a": (4, 4), "b": (4, 4)]) == nil)
    }

    @Test("counts that are behind by a heartbeat are no loss")
    func behind() throws {
        let fleet = try live()
        for sequence in UInt64(4)...40 {
            fleet.membership.batchSent(sequence, pipeline: 0, now: fleet.now)
            fleet.now += 900
            fleet.beat(["a": (sequence, sequence - 1), "b": (sequence - 1, sequence - 1)])
            #expect(fleet.pass(50).pipelinesDown == nil)
            #expect(fleet.membership.resultReceived(sequence, pipeline: 0) == [])
        }
        #expect(fleet.membership.isLive)
    }

    @Test("a stage that says nothing of its counts raises no alarm")
    func noStatistics() throws {
        let fleet = try TestFleet()
        fleet.goLive("a", "b")
        fleet.membership.batchSent(1, pipeline: 0, now: fleet.now)
        for _ in 0..<20 {
            for name in ["a", "b"] {
                fleet.heard(name)
                fleet.membership.heartbeat(nil, epoch: 1, from: TestFleet.id(name), now: fleet.now)
            }
            #expect(fleet.pass(1_000).pipelinesDown == nil)
        }
    }

    @Test("counts of the epoch before are not believed")
    func oldCounts() throws {
        let fleet = try live()
        fleet.take(fleet.membership.fault("x", fatal: false, epoch: 1, from: TestFleet.id("a")))
        fleet.readyAll()
        #expect(fleet.membership.isLive && fleet.epoch == 2)
        fleet.membership.heartbeat(
            TestFleet.statistics(received: 3, sent: 3), epoch: 1, from: TestFleet.id("a"), now: fleet.now)
        #expect(fleet.membership.record(TestFleet.id("a"))?.status(layers: nil).statistics == nil)
        #expect(wait(fleet, seconds: 10, ["a": (0, 0), "b": (0, 0)]) == nil)
        #expect(fleet.membership.resultReceived(1, pipeline: 0) == [])
    }

    @Test("a gap or a repetition among the results tells at once", arguments: [nil, 0, 3, 5, .max] as [UInt64?])
    func gap(sequence: UInt64?) throws {
        let fleet = try live()
        fleet.membership.batchSent(4, pipeline: 0, now: fleet.now)
        let actions = fleet.take(fleet.membership.resultReceived(sequence, pipeline: 0))
        #expect(actions.pipelinesDown == "the link from the last stage lost a message")
        #expect(fleet.epoch == 2)
    }
}
