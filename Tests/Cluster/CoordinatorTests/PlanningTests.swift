import Coordinator
import Messages
import Scheduling
import Testing

@Suite("Making a plan")
struct PlanningTests {
    private func fleet(
        _ wanted: Int, sequences: Int = 4, change: (inout MembershipConfiguration) -> Void = { _ in }
    ) throws -> TestFleet {
        try TestFleet(wanted: wanted, sequences: sequences, change: change)
    }

    private func join(
        _ fleet: TestFleet, _ name: String, pin: ClosedRange<UInt32>? = nil, memory: UInt64 = 1 << 40,
        kvMemory: UInt64? = nil
    ) {
        var hello = TestFleet.hello(name, pin: pin)
        hello.memoryBytes = memory
        hello.kvMemoryBytes = kvMemory
        fleet.hello(hello, from: name)
    }

    private func layers(_ fleet: TestFleet) -> [[Range<Int>]] {
        (fleet.membership.plan?.pipelines ?? []).map(\.layers)
    }

    @Test("too few workers make none")
    func tooFew() throws {
        let fleet = try fleet(2)
        join(fleet, "a")
        #expect(fleet.membership.plan == nil)
    }

    @Test("all that are here are taken, and hold every layer once", arguments: 1...3)
    func first(count: Int) throws {
        let fleet = try fleet(count)
        for number in 0..<count { join(fleet, "w\(number)") }
        #expect(fleet.stages == (0..<count).map { "w\($0)" })
        #expect(layers(fleet).allSatisfy { $0.flatMap(Array.init) == Array(0..<8) })
    }

    @Test("a stage that had memory for fewer blocks than it was assigned limits its pipeline, and that is said")
    func fewerBlocks() throws {
        let fleet = try fleet(2)
        fleet.host = "one machine"
        join(fleet, "a", pin: 0...3)
        join(fleet, "b", pin: 4...7)
        let assigned = try #require(fleet.membership.plan?.pipelines[0].blockCount)
        let actions = fleet.ready("a", blocks: UInt32(assigned - 1)) + fleet.ready("b", blocks: UInt32(assigned - 2))
        let lines = actions.compactMap { if case .log(.warning, let line) = $0 { line } else { nil } }
        #expect(lines.count == 2 && lines[0].contains("has memory for \(assigned - 1) of \(assigned) KV cache blocks"))
        fleet.measureAll()
        let (plan, _) = try #require(fleet.actions.pipelinesUp)
        #expect(plan.pipelines.map(\.blockCount) == [assigned - 2])
        #expect(plan.pipelines.map(\.description.blocks) == [assigned - 2])
    }

    @Test("stages stand in the order of their layers, not of their coming")
    func pins() throws {
        let fleet = try fleet(3)
        join(fleet, "a", pin: 6...7)
        join(fleet, "b")
        join(fleet, "c", pin: 0...2)
        #expect(fleet.stages == ["c", "b", "a"] && layers(fleet) == [[0..<3, 3..<6, 6..<8]])
        let sent = ["c", "b", "a"].map { fleet.actions.assignment(of: $0) }
        #expect(sent.map { $0?.successor } == ["tcp://10.0.0.1:7001", "tcp://10.0.0.1:7001", "tcp://*:9000"])
        #expect(sent.map { $0?.firstLayer } == [0, 3, 6] && sent.map { $0?.layerCount } == [3, 3, 2])
        #expect(sent.map { $0?.stage } == [0, 1, 2] && sent.allSatisfy { $0?.stageCount == 3 })
    }

    @Test("each pipeline has its own order, and every last stage sends its results to the coordinator")
    func assignments() {
        let description = PipelineDescription(blocks: 3, stages: [])
        func pipeline(_ names: [String], _ layers: [Range<Int>]) -> AssignedPipeline {
            AssignedPipeline(workers: names.map(TestFleet.id), layers: layers, blockCount: 3, description: description)
        }
        var plan = Plan(
            epoch: 1, pipelines: [pipeline(["a", "b"], [0..<5, 5..<8]), pipeline(["c"], [0..<8])])
        plan.unusedIDs = [4]
        let endpoints = Dictionary(uniqueKeysWithValues: ["a", "b", "c"].map { (TestFleet.id($0), "\($0):1") })
        let assignments = plan.assignments(endpoints: endpoints, results: "r:1")
        #expect(assignments.map(\.successor) == ["b:1", "r:1", "r:1"])
        #expect(assignments.map(\.stage) == [0, 1, 0] && assignments.map(\.stageCount) == [2, 2, 1])
        #expect(plan.workers == ["a", "b", "c"].map(TestFleet.id))
        // Only last stages sample.
        #expect(assignments.map(\.unusedIDs) == [nil, [4], [4]])
    }

    @Test("a worker bound to the layers of another stands by for it, and the state says so")
    func samePin() throws {
        let fleet = try fleet(3)
        join(fleet, "a", pin: 0...3)
        join(fleet, "spare", pin: 0...3)
        join(fleet, "b", pin: 4...7)
        fleet.readyAll()
        #expect(fleet.stages == ["a", "b"])
        #expect(
            fleet.membership.stateLine
                == "ready: 2 stages; 1 worker idle: it is bound to layers 0-3, and 'a' has layers of these")
        let actions = fleet.take(fleet.membership.unreachable(TestFleet.id("a")))
        #expect(actions.pipelinesDown != nil && fleet.membership.plan == nil)
        join(fleet, "c", pin: 0...1)
        #expect(fleet.stages == ["spare", "b"])
        // The one that stays has the same layers as before.
        #expect(fleet.actions.assignment(of: "b")?.firstLayer == 4)
    }

    @Test("workers that do not fit together: the reason is shown, and a plan follows when one that fits comes")
    func cannotPlan() throws {
        let fleet = try fleet(2)
        join(fleet, "a", pin: 0...3)
        join(fleet, "b", pin: 6...7)
        #expect(fleet.membership.stateLine.hasPrefix("cannot plan: no worker left for layers 4-5"))
        #expect(fleet.pass(1_000).assignment(of: "a") == nil)
        #expect(fleet.membership.stateLine.hasPrefix("cannot plan: no worker left for layers 4-5"))
        fleet.take(fleet.membership.bye(TestFleet.id("b"), reason: nil))
        #expect(fleet.membership.stateLine == "waiting for workers: 1 of 2 are here")
        join(fleet, "c", pin: 4...7)
        #expect(fleet.stages == ["a", "c"])
    }

    @Test("workers that do not fit together, and one of them leaves: the others make a plan")
    func fitsWithout() throws {
        let fleet = try fleet(2)
        join(fleet, "a", pin: 0...3)
        join(fleet, "b", pin: 3...7)
        #expect(fleet.membership.stateLine.hasPrefix("cannot plan: layers 0-3 and 3-7"))
        join(fleet, "c", pin: 4...7)
        #expect(fleet.stages == ["a", "c"])
    }

    @Test("blocks: what the stage with the least memory for them holds, the sequences wanted at most")
    func blocks() throws {
        // A context of 48 is 3 blocks; a block takes 1 KiB in a layer.
        func count(_ workers: [(UInt64, UInt64?)]) throws -> Int? {
            let fleet = try fleet(workers.count)
            for (number, memory) in workers.enumerated() {
                join(
                    fleet, "w\(number)", pin: workers.count == 1 ? nil : number == 0 ? 0...3 : 4...7,
                    memory: memory.0, kvMemory: memory.1)
            }
            return fleet.membership.plan?.pipelines.first?.blockCount
        }
        let large: UInt64 = 1 << 40
        #expect(try count([(large, nil)]) == 12)
        // Half of what the weights leave: 8 layers, embedding and head in one.
        #expect(try count([((9 + 2 * 8 * 7) << 10, nil)]) == 7)
        #expect(try count([(large, 8 * 5 << 10)]) == 5)
        #expect(try count([(large, nil), (large, 4 * 6 << 10)]) == 6)
        // At least one full sequence, and no more than was asked for.
        #expect(try count([(large, 1)]) == 3)
        #expect(try count([(.max, .max)]) == 12)
        // A worker that does not say what it has is believed to have enough.
        #expect(try count([(0, nil)]) == 12)
    }

    @Test("workers without the memory for weights and one sequence make no plan, and the numbers are said")
    func noMemory() throws {
        let fleet = try fleet(1)
        join(fleet, "a", memory: 10_000)
        #expect(fleet.membership.plan == nil)
        #expect(fleet.membership.stateLine.hasPrefix("cannot plan: the workers cannot hold the model"))
        join(fleet, "b", memory: 1 << 30)
        #expect(fleet.stages.contains("b"))
    }

    @Test("more workers than layers: what is of no use is idle or a pipeline of its own, and the state says it")
    func moreThanLayers() throws {
        let fleet = try fleet(20)
        for number in 0..<20 { join(fleet, "w\(number)") }
        let plan = try #require(fleet.membership.plan)
        #expect(plan.pipelines.count > 1)
        #expect(plan.pipelines.allSatisfy { $0.layers.flatMap(Array.init) == Array(0..<8) })
        #expect(plan.workers.count + plan.idle.count == 20)
        let up = try #require(fleet.readyAll().pipelinesUp)
        #expect(up.1.count == plan.pipelines.count)
        #expect(fleet.membership.stateLine.hasPrefix("ready: \(plan.pipelines.count) pipelines of"))
    }

    @Test("the objective of the configuration is planned for")
    func objective() throws {
        let fleet = try fleet(3) { $0.objective = .latency }
        for name in ["a", "b", "c"] { join(fleet, name) }
        #expect(layers(fleet).map(\.count) == [1, 1, 1])
    }

    @Test("links are told apart by pipeline")
    func links() throws {
        let fleet = try fleet(3) { $0.objective = .latency }
        for name in ["a", "b", "c"] { join(fleet, name) }
        fleet.readyAll()
        fleet.membership.batchSent(1, pipeline: 0, now: fleet.now)
        fleet.membership.batchSent(1, pipeline: 2, now: fleet.now)
        #expect(fleet.membership.resultReceived(1, pipeline: 2) == [])
        #expect(fleet.membership.resultReceived(1, pipeline: 0) == [])
        #expect(fleet.membership.resultReceived(1, pipeline: 7) == [])
        #expect(fleet.take(fleet.membership.resultReceived(2, pipeline: 1)).pipelinesDown != nil)
    }
}
