import Coordinator
import Scheduling
import Testing
import Wire

@Suite("Making a plan")
struct PlanMakerTests {
    private func worker(_ name: String, pin: ClosedRange<UInt32>? = nil, memory: UInt64 = 1 << 40) -> WorkerRecord {
        var hello = TestFleet.hello(name, pin: pin)
        hello.memoryBytes = memory
        return WorkerRecord(id: TestFleet.id(name), hello: hello, endpoint: "tcp://\(name):1", lastHeard: 0)
    }

    private func plan(_ workers: [WorkerRecord], wanted: Int, sequences: Int = 4) throws -> Plan? {
        try PlanMaker(model: try Demo.model(), workersWanted: wanted, sequences: sequences)
            .plan(epoch: 3, candidates: workers)
    }

    private func names(_ plan: Plan?) -> [String] { (plan?.workers ?? []).map { String(decoding: $0, as: UTF8.self) } }

    @Test("too few workers make none")
    func tooFew() throws {
        #expect(try plan([worker("a")], wanted: 2) == nil)
        #expect(try plan([], wanted: 1) == nil)
    }

    @Test("the first that came are taken, and hold every layer once", arguments: 1...8)
    func first(count: Int) throws {
        let workers = (0..<8).map { worker("w\($0)") }
        let plan = try #require(try plan(workers, wanted: count))
        #expect(names(plan) == (0..<count).map { "w\($0)" })
        #expect(plan.layers.flatMap(Array.init) == Array(0..<8))
        #expect(plan.epoch == 3)
    }

    @Test("stages stand in the order of their layers, not of their coming")
    func pins() throws {
        let workers = [worker("a", pin: 6...7), worker("b"), worker("c", pin: 0...2)]
        let plan = try #require(try plan(workers, wanted: 3))
        #expect(names(plan) == ["c", "b", "a"])
        #expect(plan.layers == [0..<3, 3..<6, 6..<8])
        let assignments = plan.assignments(endpoints: ["c:1", "b:1", "a:1"], results: "r:1")
        #expect(assignments.map(\.successor) == ["b:1", "a:1", "r:1"])
        #expect(assignments.map(\.firstLayer) == [0, 3, 6] && assignments.map(\.layerCount) == [3, 3, 2])
        #expect(assignments.map(\.stage) == [0, 1, 2] && assignments.allSatisfy { $0.stageCount == 3 })
    }

    @Test("a worker bound to the layers of another stands by for it")
    func samePin() throws {
        let workers = [worker("a", pin: 0...3), worker("spare", pin: 0...3), worker("b", pin: 4...7)]
        #expect(names(try plan(workers, wanted: 2)) == ["a", "b"])
        #expect(names(try plan(Array(workers.dropFirst()), wanted: 2)) == ["spare", "b"])
        #expect(try plan(Array(workers.prefix(2)), wanted: 2) == nil)
    }

    @Test("where the first do not fit together, others that do are taken")
    func others() throws {
        let workers = [worker("a", pin: 0...3), worker("b", pin: 6...7), worker("c", pin: 4...7), worker("d")]
        #expect(names(try plan(Array(workers.prefix(3)), wanted: 2)) == ["a", "c"])
        #expect(names(try plan([workers[0], workers[1], workers[3]], wanted: 2)) == ["a", "d"])
    }

    @Test("layers nobody can take are named")
    func uncovered() throws {
        #expect(throws: LayerPlanError.uncovered(4..<6)) {
            try plan([worker("a", pin: 0...3), worker("b", pin: 6...7)], wanted: 2)
        }
        #expect(throws: LayerPlanError.tooManyWorkers(workers: 9, layers: 8)) {
            try plan((0..<9).map { worker("w\($0)") }, wanted: 9)
        }
    }

    @Test("blocks for the sequences asked for, where memory allows")
    func blocks() throws {
        // A context of 48 is 3 blocks; a block takes 1 KiB in a layer, and a quarter of the memory is for them.
        #expect(try plan([worker("a")], wanted: 1, sequences: 4)?.blockCount == 12)
        #expect(try plan([worker("a", memory: 4 * 8 * 1_024 * 7)], wanted: 1)?.blockCount == 7)
        // The stage that can hold the fewest decides: 4 layers each, then memory for 5 blocks in one of them.
        let pinned = [worker("a", pin: 0...3), worker("b", pin: 4...7, memory: 4 * 4 * 1_024 * 5)]
        #expect(try plan(pinned, wanted: 2)?.blockCount == 5)
    }

    @Test("at least one full sequence, whatever a worker says of its memory", arguments: [0, 1, 1_000] as [UInt64])
    func leastBlocks(memory: UInt64) throws {
        #expect(try plan([worker("a", memory: memory)], wanted: 1)?.blockCount == 3)
    }

    @Test("a worker that claims all the memory there is gets no more than was asked for")
    func hugeMemory() throws {
        #expect(try plan([worker("a", memory: .max)], wanted: 1)?.blockCount == 12)
    }

    @Test("workers that do not fit together: the reason is shown, and a plan follows when one that fits comes")
    func cannotPlan() throws {
        let fleet = try TestFleet()
        fleet.join("a", pin: 0...3)
        fleet.join("b", pin: 6...7)
        #expect(fleet.membership.stateLine.hasPrefix("cannot plan: no worker left for layers 4-5"))
        #expect(fleet.pass(1_000).assignment(of: "a") == nil)
        fleet.take(fleet.membership.bye(TestFleet.id("b"), reason: nil))
        #expect(fleet.membership.stateLine == "waiting for workers: 1 of 2 are here")
        fleet.join("c", pin: 4...7)
        #expect(fleet.stages == ["a", "c"])
    }

    @Test("a spare with the same pin steps in for the worker that is lost")
    func sparePin() throws {
        let fleet = try TestFleet()
        fleet.join("a", pin: 0...3)
        fleet.join("spare", pin: 0...3)
        fleet.join("b", pin: 4...7)
        fleet.readyAll()
        #expect(fleet.stages == ["a", "b"])
        let directives = fleet.take(fleet.membership.unreachable(TestFleet.id("a")))
        #expect(fleet.stages == ["spare", "b"])
        // The one that stays has the same layers as before.
        #expect(directives.assignment(of: "b")?.firstLayer == 4 && directives.assignment(of: "b")?.layerCount == 4)
    }
}
