import Scheduling
import Testing

@Suite("Layer plan")
struct LayerPlanTests {
    /// The demo model in thousand multiply-adds: the head costs as much as three and a half layers.
    let demo = LayerCosts(layerCount: 8, perLayer: 442, head: 1_573)

    @Test("one worker takes every layer")
    func oneWorker() throws {
        #expect(try LayerPlan.ranges(costs: demo, pins: [nil]) == [0..<8])
    }

    @Test("as many workers as layers take one each")
    func oneLayerEach() throws {
        let ranges = try LayerPlan.ranges(costs: demo, pins: Array(repeating: nil, count: 8))
        #expect(ranges == (0..<8).map { $0..<($0 + 1) })
    }

    @Test("the worker with the head takes fewer layers")
    func headCounts() throws {
        #expect(try LayerPlan.ranges(costs: demo, pins: [nil, nil]) == [0..<6, 6..<8])
        #expect(try LayerPlan.ranges(costs: demo, pins: [nil, nil, nil]) == [0..<3, 3..<7, 7..<8])
        let headless = LayerCosts(layerCount: 8, perLayer: 1, head: 0)
        #expect(try LayerPlan.ranges(costs: headless, pins: [nil, nil]) == [0..<4, 4..<8])
    }

    @Test("where the head alone is slowest, the other layers are spread evenly all the same")
    func evenUnderASlowHead() throws {
        #expect(
            try LayerPlan.ranges(costs: demo, pins: Array(repeating: nil, count: 5))
                == [0..<1, 1..<3, 3..<5, 5..<7, 7..<8])
    }

    @Test("a worker gets the range it is bound to, wherever it stands; the others fill the gaps in order")
    func pins() throws {
        let ranges = try LayerPlan.ranges(costs: demo, pins: [nil, 2..<4, nil, nil])
        #expect(ranges[1] == 2..<4)
        #expect(ranges[0] == 0..<2)
        #expect(ranges[2].lowerBound == 4 && ranges[3].upperBound == 8 && ranges[2].upperBound == ranges[3].lowerBound)
        #expect(try LayerPlan.ranges(costs: demo, pins: [5..<8, 0..<5]) == [5..<8, 0..<5])
    }

    @Test("more workers than layers are refused")
    func tooManyWorkers() {
        let error = failure(demo, Array(repeating: nil, count: 9))
        #expect(error == .tooManyWorkers(workers: 9, layers: 8))
        #expect(error?.description == "9 workers for 8 layers: every worker needs at least one; ask for 8 or fewer")
    }

    @Test("layers that the model does not have are refused", arguments: [6..<9, 8..<9, -1..<2, 3..<3])
    func outOfRange(pin: Range<Int>) {
        #expect(failure(demo, [nil, pin]) == .outOfRange(pin: pin, layers: 8))
    }

    @Test("a refused range is shown as --layers takes it")
    func outOfRangeText() {
        #expect(failure(demo, [6..<9])?.description == "layers 6-8 are not in this model: it has layers 0-7")
    }

    @Test("workers bound to the same layer are refused, with both ranges")
    func overlap() {
        let error = failure(demo, [3..<6, nil, 0..<4])
        #expect(error == .overlap(0..<4, 3..<6))
        #expect(error?.description == "layers 0-3 and 3-5, asked for by two workers, overlap")
        #expect(failure(demo, [0..<8, 0..<8]) == .overlap(0..<8, 0..<8))
    }

    @Test("layers that nobody may take are named")
    func uncovered() {
        let error = failure(demo, [0..<3, 5..<8])
        #expect(error == .uncovered(3..<5))
        #expect(
            error?.description == "no worker left for layers 3-4: all are bound to other layers with --layers")
        #expect(failure(demo, [nil, 1..<2, 4..<5]) == .uncovered(2..<4))
        #expect(failure(demo, []) == .uncovered(0..<8))
    }

    @Test("workers for whom no layer is left are counted")
    func noLayersLeft() {
        let error = failure(demo, [0..<4, nil, nil, 5..<8])
        #expect(error == .noLayersLeft(unpinned: 1))
        #expect(
            error?.description == "no layers left for 1 of the workers: the others are bound to them with --layers")
    }

    private func failure(_ costs: LayerCosts, _ pins: [Range<Int>?]) -> LayerPlanError? {
        do throws(LayerPlanError) {
            _ = try LayerPlan.ranges(costs: costs, pins: pins)
            return nil
        } catch {
            return error
        }
    }
}
