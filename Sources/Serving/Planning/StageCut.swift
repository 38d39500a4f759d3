/// The cheapest cut of all layers for each state of a ``StageGraph``, by dynamic programming from the last layer down.
struct StageCut {
    /// One machine's layers in a pipeline.
    struct Part: Equatable {
        var kind: Int
        var layers: Range<Int>
    }

    private let graph: StageGraph
    private let layerCount: Int
    /// By layer, then state: the price of the layers from this one on if exactly the machines of the state take them.
    private var best: [Double]
    private var choice: [(step: Int32, upper: Int32)]

    /// - Parameters:
    ///   - prices: of each kind of machine, laid out as in ``StagePrices``.
    ///   - isSum: whether prices add up; otherwise the greatest counts.
    init(_ graph: StageGraph, layerCount: Int, prices: [StagePrices.Table], isSum: Bool) {
        self.graph = graph
        self.layerCount = layerCount
        let states = graph.steps.count
        best = [Double](repeating: .infinity, count: (layerCount + 1) * states)
        choice = [(step: Int32, upper: Int32)](repeating: (0, 0), count: (layerCount + 1) * states)
        best[layerCount * states] = 0
        for lower in stride(from: layerCount - 1, through: 0, by: -1) {
            let startsBound = graph.pinnedStarts.contains(lower)
            let furthest = graph.pinnedStarts.first { $0 > lower } ?? layerCount
            for state in 0..<states {
                for (number, step) in graph.steps[state].enumerated()
                where step.pinnedAt.map({ $0 == lower }) ?? !startsBound {
                    let (price, upper) = cheapest(lower, furthest, step.next, prices[step.kind], isSum)
                    if price < best[lower * states + state] * (1 - 1e-12) {
                        best[lower * states + state] = price
                        choice[lower * states + state] = (Int32(number), Int32(upper))
                    }
                }
            }
        }
    }

    /// The least price of the layers from `lower` on if a machine takes the first of them, and the layer before which that
    /// machine stops.
    private func cheapest(
        _ lower: Int, _ furthest: Int, _ next: Int, _ prices: StagePrices.Table, _ isSum: Bool
    ) -> (price: Double, upper: Int) {
        var (least, end) = (Double.infinity, lower)
        let states = graph.steps.count
        let place = StagePrices.place(lower, lower, of: layerCount)
        for upper in stride(from: lower + 1, through: min(furthest, layerCount - 1), by: 1) {
            let (own, after) = (prices[place + upper - lower], best[upper * states + next])
            let total = isSum ? own + after : max(own, after)
            // Not <=: of equal cuts, the one with fewer layers here.
            if total < least * (1 - 1e-12) { (least, end) = (total, upper) }
        }
        if furthest == layerCount {
            let own = prices[StagePrices.place(lower, layerCount, of: layerCount)]
            let total = isSum ? own + best[layerCount * states + next] : max(own, best[layerCount * states + next])
            if total < least * (1 - 1e-12) { (least, end) = (total, layerCount) }
        }
        return (least, end)
    }

    /// States for which there is a cut.
    var states: [Int] { graph.steps.indices.filter { best[$0] < .infinity } }

    /// The price of a state's cut.
    func price(_ state: Int) -> Double { best[state] }

    /// A state's cut, in order.
    func parts(_ state: Int) -> [Part] {
        var parts: [Part] = []
        var (state, lower) = (state, 0)
        while lower < layerCount {
            let (number, upper) = choice[lower * graph.steps.count + state]
            let step = graph.steps[state][Int(number)]
            parts.append(Part(kind: step.kind, layers: lower..<Int(upper)))
            (state, lower) = (step.next, Int(upper))
        }
        return parts
    }
}
