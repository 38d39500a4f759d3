import Planning
import Testing

@Suite("Planner with workers bound to layers")
struct PlannerPinTests {
    @Test("a worker gets the range it is bound to, wherever it stands; the others fill the gaps")
    func pins() throws {
        let plan = try plan([nil, 2..<4, nil, nil])
        let stages = try #require(plan.pipelines.first).stages
        #expect(stages.first { $0.worker == 1 }?.layers == 2..<4)
        #expect(stages.map(\.worker) == [0, 1, 2, 3] && stages[0].layers == 0..<2)
        #expect(try ranges([5..<8, 0..<5]) == [1: 0..<5, 0: 5..<8])
    }

    @Test("workers of one machine fill gaps on both sides of one that is bound")
    func oneHost() throws {
        let workers = [nil, 3..<5, nil].enumerated().map { worker($0.offset, host: 0, pin: $0.element) }
        let plan = try Planner(model: model, workers: workers).plan()
        #expect(plan.pipelines.map { $0.stages.map(\.layers) } == [[0..<3, 3..<5, 5..<8]])
    }

    @Test("a worker bound to the layers of another stands by for it, and says so")
    func spare() throws {
        let plan = try plan([0..<4, 0..<4, 4..<8])
        #expect(plan.pipelines.map { $0.stages.map(\.worker) } == [[0, 2]])
        #expect(plan.idle == [IdleWorker(worker: 1, reason: "it is bound to layers 0-3, and 'w0' has layers of these")])
    }

    @Test("bound workers that make the model twice are two pipelines")
    func twice() throws {
        let plan = try plan([0..<4, 0..<4, 4..<8, 4..<8])
        #expect(plan.pipelines.count == 2 && plan.idle.isEmpty)
        #expect(plan.pipelines.allSatisfy { $0.stages.map(\.layers) == [0..<4, 4..<8] })
    }

    @Test("pipelines that share machines are not taken for twice as fast")
    func shared() throws {
        let pins = [0..<4, 0..<4, 4..<8, 4..<8]
        let workers = pins.enumerated().map { worker($0.offset, host: $0.offset / 2, pin: $0.element) }
        let planner = Planner(model: model, workers: workers)
        let half = try Planner(model: model, workers: [workers[0], workers[2]]).plan()
        let plan = try planner.plan()
        #expect(plan.tokensPerSecond < 1.1 * half.tokensPerSecond)
    }

    @Test("layers that the model does not have are refused", arguments: [6..<9, 8..<9, -1..<2, 3..<3])
    func outOfRange(pin: Range<Int>) {
        #expect(failure([nil, pin]) == .outOfRange(pin: pin, layers: 8))
    }

    @Test("a refused range is shown as --layers takes it")
    func outOfRangeText() {
        #expect(failure([6..<9])?.description == "layers 6-8 are not in this model: it has layers 0-7")
    }

    @Test("workers bound to layers that overlap, and without whom there is no plan, are refused, with both ranges")
    func overlap() {
        let error = failure([3..<8, 0..<4])
        #expect(error == .overlap(0..<4, 3..<8))
        #expect(error?.description == "layers 0-3 and 3-7, asked for by two workers, overlap")
    }

    @Test("where the first do not fit together, others that do are taken")
    func others() throws {
        #expect(try ranges([0..<4, 6..<8, 4..<8]) == [0: 0..<4, 2: 4..<8])
        #expect(try ranges([3..<6, nil, 0..<4]).count == 2)
    }

    @Test("layers that nobody may take are named")
    func uncovered() {
        let error = failure([0..<3, 5..<8])
        #expect(error == .uncovered(3..<5))
        #expect(error?.description == "no worker left for layers 3-4: all are bound to other layers with --layers")
        #expect(failure([nil, 1..<2, 4..<5]) == .uncovered(2..<4))
    }

    @Test("a worker for which no layer is left is idle")
    func noLayersLeft() throws {
        let plan = try plan([0..<4, nil, nil, 5..<8])
        #expect(plan.pipelines.map { $0.stages.map(\.worker) } == [[0, 1, 3]] || plan.pipelines.count == 2)
        #expect(plan.idle.allSatisfy { !$0.reason.isEmpty })
    }

    private let model = Reference.model(layers: 8)

    private func worker(_ number: Int, host: Int, pin: Range<Int>?) -> WorkerDescription {
        var worker = Reference.worker("w\(number)", host: host)
        worker.pin = pin
        return worker
    }

    private func plan(_ pins: [Range<Int>?]) throws(PlanningError) -> PlannedCluster {
        let workers = pins.enumerated().map { worker($0.offset, host: $0.offset, pin: $0.element) }
        return try Planner(model: model, workers: workers).plan()
    }

    private func ranges(_ pins: [Range<Int>?]) throws -> [Int: Range<Int>] {
        let stages = try plan(pins).pipelines[0].stages
        return Dictionary(uniqueKeysWithValues: stages.map { ($0.worker, $0.layers) })
    }

    private func failure(_ pins: [Range<Int>?]) -> PlanningError? {
        do throws(PlanningError) {
            _ = try plan(pins)
            return nil
        } catch {
            return error
        }
    }
}
