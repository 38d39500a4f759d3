import Planning
import Scheduling
import Testing

@Suite("Planner")
struct PlannerTests {
    @Test("one worker takes every layer")
    func oneWorker() throws {
        let plan = try plan([worker("a")])
        #expect(layers(plan) == [[0..<48]])
        #expect(plan.idle.isEmpty && plan.reason == "one pipeline: there is one worker")
    }

    @Test("the machine with the head takes fewer layers")
    func headCounts() throws {
        #expect(layers(try plan([worker("a"), worker("b", host: 1)])) == [[0..<25, 25..<48]])
        #expect(
            layers(try plan((0..<4).map { worker("w\($0)", host: $0) })) == [[0..<12, 12..<25, 25..<38, 38..<48]])
    }

    @Test("where the head alone is slowest, the other layers are spread evenly all the same")
    func evenUnderASlowHead() throws {
        let model = Reference.model(layers: 8)
        let workers = (0..<5).map { worker("w\($0)", host: $0, head: 20, latency: 0) }
        let plan = try Planner(model: model, workers: workers, objective: .throughput, streams: 16).plan()
        let counts = plan.pipelines.map { $0.stages.map(\.layers.count) }
        #expect(counts.allSatisfy { ($0.dropLast().max() ?? 0) - ($0.dropLast().min() ?? 0) <= 1 }, "\(counts)")
    }

    @Test("a machine twice as fast takes about twice the work")
    func fastMachine() throws {
        let plan = try plan([worker("fast", factor: 0.5), worker("slow", host: 1)])
        let stages = try #require(plan.pipelines.first).stages
        let layers = try #require(stages.first { $0.worker == 0 }).layers
        #expect(layers.count == (layers.upperBound == 48 ? 31 : 34), "\(stages)")
    }

    @Test("a machine that would hold up all others is left out, with the numbers")
    func slowWorker() throws {
        let plan = try plan([
            worker("a"), worker("b", host: 1), worker("old", host: 2, factor: 40), worker("c", host: 3),
        ])
        #expect(plan.pipelines.count == 1 && plan.pipelines[0].stages.map(\.worker) == [0, 1, 3])
        #expect(plan.idle.map(\.worker) == [2])
        let reason = try #require(plan.idle.first).reason
        let numbers = reason.split { !$0.isNumber && $0 != "." }.compactMap { Double($0) }
        #expect(reason.contains("tok/s with it") && reason.contains("one layer takes it"), "\(reason)")
        #expect(numbers.count == 6 && numbers[0] < numbers[1] && numbers[2] > numbers[5], "\(reason)")
    }

    @Test("sixty-four equal machines: 48 layers and the head cannot feed so many stages, so there are replicas")
    func sixtyFour() throws {
        let workers = (0..<64).map { worker("w\($0)", host: $0) }
        for streams in [64, 1_024] {
            let planner = Planner(model: Reference.model(), workers: workers, streams: streams)
            let plan = try planner.plan()
            #expect((2...32).contains(plan.pipelines.count), "\(plan.reason)")
            #expect(plan.pipelines.allSatisfy { $0.stages.count <= 24 })
            #expect(plan.reason.contains("pipelines do") && plan.reason.contains("where one of"), "\(plan.reason)")
            // No stage is faster than the last with one layer, and no stream than a pass.
            let one = try #require(plan.pipelines.first?.description)
            let ideal = Double(streams) * 1_000 / one.passMilliseconds(rows: max(1, streams / 64))
            #expect(plan.tokensPerSecond > 0.9 * ideal || streams > 64, "\(plan.tokensPerSecond) of \(ideal)")
            let single = try Planner(model: Reference.model(), workers: [workers[0]], streams: streams / 64).plan()
            #expect(plan.tokensPerSecond > 0.85 * 64 * single.tokensPerSecond)
        }
    }

    @Test("with one stream there is one pipeline, and machines that are of no use are idle")
    func oneStream() throws {
        let workers = (0..<64).map { worker("w\($0)", host: $0, latency: 3) }
        let plan = try Planner(model: Reference.model(), workers: workers, streams: 1).plan()
        #expect(plan.pipelines.count == 1 && plan.idle.count > 32)
        #expect(plan.idle.allSatisfy { $0.reason.contains("tok/s with it") })
    }

    @Test("workers on one machine all work in one pipeline, because they take turns")
    func oneHost() throws {
        for count in 2...4 {
            let plan = try plan((0..<count).map { worker("w\($0)") })
            #expect(plan.pipelines.count == 1 && plan.idle.isEmpty)
            #expect(plan.pipelines[0].stages.map(\.worker) == Array(0..<count))
            let counts = plan.pipelines[0].stages.map(\.layers.count)
            #expect(counts.dropLast().max()! - counts.dropLast().min()! <= 1, "\(counts)")
        }
    }

    @Test("workers on one machine are left out where the ways between them take too long")
    func tinyModel() throws {
        let tiny = RowCosts(perRow: 0.01)
        let workers = (0..<4).map { WorkerDescription(name: "w\($0)", host: 0, layerCosts: tiny, headCosts: tiny) }
        let plan = try Planner(model: Reference.model(layers: 8), workers: workers, streams: 1).plan()
        #expect(plan.pipelines[0].stages.map(\.layers) == [0..<8] && plan.idle.count == 3)
        #expect(plan.idle[0].reason.contains("tok/s with it"))
    }

    @Test("least latency: few stages, and replicas on the other machines")
    func latency() throws {
        let workers = (0..<3).map { worker("w\($0)", host: $0, latency: 5) }
        let plan = try Planner(model: Reference.model(), workers: workers, objective: .latency).plan()
        #expect(plan.pipelines.map(\.stages.count) == [1, 1, 1])
        let small = workers.map { worker in
            var worker = worker
            worker.memoryBytes = 1_500_000_000
            return worker
        }
        let cut = try Planner(model: Reference.model(), workers: small, objective: .latency).plan()
        #expect(cut.pipelines.map(\.stages.count) == [2], "\(cut.reason)")
    }

    @Test("least latency: the fastest machine takes all it can hold")
    func latencyMemory() throws {
        var fast = worker("fast", factor: 0.5)
        fast.memoryBytes = Reference.model().leastBytes(of: 18..<48)
        let plan = try Planner(
            model: Reference.model(), workers: [fast, worker("slow", host: 1)], objective: .latency
        ).plan()
        #expect(plan.pipelines[0].stages.map(\.layers) == [0..<18, 18..<48])
        #expect(plan.pipelines[0].stages.map(\.worker) == [1, 0])
    }

    @Test("memory holds weights and one sequence: a small machine takes few layers, a tiny one none")
    func memory() throws {
        let model = Reference.model()
        var (small, tiny) = (worker("small", host: 1), worker("tiny", host: 2))
        small.memoryBytes = model.leastBytes(of: 0..<5)
        tiny.memoryBytes = 1_000_000
        let plan = try plan([worker("a"), small, tiny])
        #expect(plan.pipelines[0].stages.map(\.worker) == [1, 0] || plan.pipelines[0].stages.map(\.worker) == [0, 1])
        let held = try #require(plan.pipelines[0].stages.first { $0.worker == 1 })
        #expect(held.layers.count <= 5 && model.leastBytes(of: held.layers) <= small.memoryBytes!)
        #expect(plan.idle.map(\.worker) == [2] && plan.idle[0].reason.hasPrefix("it has 1 MB, and a layer with one"))
    }

    @Test("workers that cannot hold the model are an error with both numbers")
    func tooLittleMemory() {
        var small = worker("small")
        small.memoryBytes = 500_000_000
        let error = #expect(throws: PlanningError.self) { try plan([small]) }
        #expect(error == .notEnoughMemory(needed: Reference.model().leastBytes(of: 0..<48), available: 500_000_000))
        #expect(error?.description.contains("500 MB in all") == true)
        small.memoryBytes = 1_000
        #expect(throws: PlanningError.self) { try plan([small]) }
        #expect(throws: PlanningError.noWorkers) { try plan([]) }
    }

    @Test("KV cache blocks: as many as the stage with the least memory for them holds, within bounds")
    func blocks() throws {
        let model = Reference.model()
        var (first, second) = (worker("a"), worker("b", host: 1))
        first.cacheBytes = 100 * 25 * model.blockBytesPerLayer
        second.cacheBytes = 80 * 23 * model.blockBytesPerLayer
        #expect(try plan([first, second]).pipelines[0].description.blocks == 80)
        second.cacheBytes = 0
        #expect(try plan([first, second]).pipelines[0].description.blocks == model.blocksPerSequence)
        #expect(try plan([worker("a")]).pipelines[0].description.blocks == 256 * model.blocksPerSequence)
    }

    @Test("a hundred machines, all different, are planned all the same")
    func manyKinds() throws {
        let workers = (0..<120).map { worker("w\($0)", host: $0, factor: 1 + Double($0 % 97) / 10) }
        let plan = try Planner(model: Reference.model(), workers: workers, streams: 400).plan()
        #expect(plan.pipelines.count > 1)
        #expect(plan.tokensPerSecond > 0.7 * Reference.capacity(workers, rows: 4))
    }

    private func plan(_ workers: [WorkerDescription]) throws -> PlannedCluster {
        try Planner(model: Reference.model(), workers: workers).plan()
    }

    private func layers(_ plan: PlannedCluster) -> [[Range<Int>]] { plan.pipelines.map { $0.stages.map(\.layers) } }

    private func worker(
        _ name: String, host: Int = 0, factor: Double = 1, head: Double = 2.6, latency: Double = 0.1
    ) -> WorkerDescription {
        Reference.worker(name, host: host, factor: factor, head: head, latency: latency)
    }
}

/// GPT-2 XL in int8 on machines as they were measured.
enum Reference {
    static func model(layers: Int = 48) -> ModelDescription {
        ModelDescription(
            layerCount: layers, context: 1_024,
            weights: WeightBytes(layer: 32_000_000, head: 83_000_000, embedding: 90_000_000),
            blockBytesPerLayer: 16 * 2 * 1_600 * 2, activationBytesPerRow: 6_400)
    }

    static let layer = RowCosts(
        [(1, 0.98), (8, 1.15), (16, 1.7), (64, 5.5), (128, 11)].map { RowCosts.Point(rows: $0.0, milliseconds: $0.1) })

    static func worker(
        _ name: String, host: Int, factor: Double = 1, head: Double = 2.6, latency: Double = 0.1
    ) -> WorkerDescription {
        WorkerDescription(
            name: name, host: host, layerCosts: layer.scaled(by: factor), headCosts: layer.scaled(by: factor * head),
            link: LinkDescription(latencyMilliseconds: latency, gigabitsPerSecond: 10, bytesPerRow: 6_400))
    }

    /// Tokens a second of all machines if work could be divided without loss.
    static func capacity(_ workers: [WorkerDescription], rows: Int) -> Double {
        workers.reduce(0) { total, worker in
            total + Double(rows) * 1_000
                / (48 * worker.layerCosts.milliseconds(rows: rows) + worker.headCosts.milliseconds(rows: rows))
        }
    }
}
