import Planning
import Scheduling
import TestSupport
import Testing

/// Compares the planner with a search through all possible plans.
@Suite("Planner against exhaustive search")
struct PlannerSearchTests {
    /// What the planner may lose in order to keep workers in use and pipelines few.
    private let margin = 1.05

    @Test("random clusters: no plan is better by more than the margin, for either objective")
    func againstSearch() throws {
        for offset in 0..<300 as Range<UInt64> {
            let seed = TestSeed.value &+ offset
            var random = SplitMix64(seed: seed)
            var cluster = RandomCluster(&random)
            // Those that are bound have their layers, also where that is slower.
            for index in cluster.workers.indices { cluster.workers[index].pin = nil }
            for objective in PlanObjective.allCases {
                let planner = cluster.planner(objective)
                let best = cluster.every().map(planner.score).max()
                guard let best else {
                    #expect(throws: PlanningError.self, "seed \(seed)") { try planner.plan() }
                    continue
                }
                let plan = try planner.plan()
                let score = planner.score(of: plan.pipelines.map(\.description))
                #expect(score * margin * 1.001 >= best, "seed \(seed), \(objective): \(score), and \(best) is possible")
            }
        }
    }

    @Test("random clusters: every layer once in each pipeline, no worker twice, memory and pins hold")
    func valid() throws {
        for offset in 1_000..<1_600 as Range<UInt64> {
            let seed = TestSeed.value &+ offset
            var random = SplitMix64(seed: seed)
            let cluster = RandomCluster(&random)
            guard let plan = try? cluster.planner(.throughput).plan() else { continue }
            var used = plan.idle.map(\.worker)
            for pipeline in plan.pipelines {
                #expect(pipeline.stages.flatMap { Array($0.layers) } == Array(0..<cluster.model.layerCount))
                #expect(pipeline.description.blocks >= cluster.model.blocksPerSequence)
                for stage in pipeline.stages {
                    let worker = cluster.workers[stage.worker]
                    #expect(worker.memoryBytes.map { $0 >= cluster.model.leastBytes(of: stage.layers) } ?? true)
                    #expect(worker.pin.map { $0 == stage.layers } ?? true, "seed \(seed)")
                    used.append(stage.worker)
                }
            }
            #expect(used.sorted() == Array(cluster.workers.indices), "seed \(seed)")
            #expect(plan.idle.allSatisfy { !$0.reason.isEmpty && !$0.reason.contains("\n") })
        }
    }

    @Test("the same cluster gets the same plan")
    func deterministic() throws {
        for offset in 0..<50 as Range<UInt64> {
            let seed = TestSeed.value &+ offset
            var (random, again) = (SplitMix64(seed: seed), SplitMix64(seed: seed))
            let first = try? RandomCluster(&random).planner(.throughput).plan()
            let second = try? RandomCluster(&again).planner(.throughput).plan()
            #expect(first == second, "seed \(seed)")
        }
    }
}

/// A few machines of random speed, memory and links, and a model of few layers.
private struct RandomCluster {
    var model: ModelDescription
    var workers: [WorkerDescription]
    var streams: Int

    init(_ random: inout SplitMix64) {
        let layers = random.int(1...5)
        model = ModelDescription(
            layerCount: layers, context: 64,
            weights: WeightBytes(layer: 100, head: random.int(0...200), embedding: 150),
            blockBytesPerLayer: 5, activationBytesPerRow: 1)
        streams = [1, 2, 5, 8, 16][random.int(0...4)]
        let head = Double(random.int(0...4))
        let link = LinkDescription(
            latencyMilliseconds: Double(random.int(0...3)) / 4, millisecondsPerRow: Double(random.int(0...1)) / 10)
        let kinds = random.int(1...4)
        workers = (0..<random.int(1...4)).map { number in
            let speed = random.chance(70) ? Double(random.int(1...kinds)) : Double.random(in: 0.3...9, using: &random)
            let costs = RowCosts([
                RowCosts.Point(rows: 1, milliseconds: speed), RowCosts.Point(rows: 8, milliseconds: speed * 1.5),
                RowCosts.Point(rows: 16, milliseconds: speed * 3),
            ])
            var worker = WorkerDescription(
                name: "w\(number)", host: number, layerCosts: costs, headCosts: costs.scaled(by: head), link: link)
            if random.chance(40) { worker.memoryBytes = random.int(100...900) }
            if random.chance(15) {
                let lower = random.int(0...layers - 1)
                worker.pin = lower..<random.int(lower + 1...layers)
            }
            return worker
        }
    }

    func planner(_ objective: PlanObjective) -> Planner {
        Planner(model: model, workers: workers, objective: objective, streams: streams)
    }

    /// Every plan: each way to make pipelines of some of the workers.
    func every() -> [[PipelineDescription]] { every(workers: Array(workers.indices), atMost: streams) }

    private func every(workers left: [Int], atMost: Int) -> [[PipelineDescription]] {
        guard let first = left.first, atMost > 0 else { return [] }
        // Pipelines that have the first worker, alone or with pipelines of the others; and plans without it.
        var plans = every(workers: Array(left.dropFirst()), atMost: atMost)
        for mask in 0..<(1 << (left.count - 1)) {
            let chosen = [first] + left.dropFirst().enumerated().filter { mask >> $0.offset & 1 == 1 }.map(\.element)
            let others = left.filter { !chosen.contains($0) }
            let rest = every(workers: others, atMost: atMost - 1)
            for pipeline in pipelines(of: chosen) {
                plans.append([pipeline])
                plans += rest.map { [pipeline] + $0 }
            }
        }
        return plans
    }

    /// All pipelines in which all of these workers have layers.
    private func pipelines(of chosen: [Int]) -> [PipelineDescription] {
        stages(of: chosen, from: 0).map { PipelineDescription($0, workers: workers, model: model) }
    }

    private func stages(of left: [Int], from lower: Int) -> [[PlannedStage]] {
        guard !left.isEmpty else { return lower == model.layerCount ? [[]] : [] }
        guard lower < model.layerCount else { return [] }
        return left.flatMap { worker in
            (lower + 1...model.layerCount).flatMap { upper -> [[PlannedStage]] in
                let description = workers[worker]
                if let memory = description.memoryBytes, memory < model.leastBytes(of: lower..<upper) { return [] }
                if let pin = description.pin, pin != lower..<upper { return [] }
                return stages(of: left.filter { $0 != worker }, from: upper).map {
                    [PlannedStage(worker: worker, layers: lower..<upper)] + $0
                }
            }
        }
    }
}
