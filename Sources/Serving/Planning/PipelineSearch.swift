import Scheduling

/// A possible pipeline of a plan.
struct PipelineCandidate {
    /// In order.
    var stages: [PlannedStage]
    var description: PipelineDescription
}

/// Finds the best pipeline of some machines, and how many of them it uses.
///
/// For several numbers of batches in flight, and so of rows, it finds the cuts whose busiest machine is least busy and
/// those with the shortest pass through all stages, with every choice of machines that ``StageGraph`` allows.
struct PipelineSearch {
    /// The most steps of dynamic programming for one search; with large models fewer numbers of batches are tried.
    private static let mostSteps = 300_000_000

    let model: ModelDescription
    let workers: [WorkerDescription]
    let fleet: MachineFleet
    /// Groups of the same kinds of machines make the same pipelines.
    private var known: [Key: [Found]] = [:]
    private var pricesByRows: [Int: StagePrices] = [:]

    private struct Key: Hashable {
        var kinds: [Int]
        var streams: Int
    }

    /// A cut and what is expected of it.
    private struct Found {
        var parts: [StageCut.Part]
        var workerCount: Int
        var cycle: Double
        var rows: Int
        var batches: Int
        /// The state and what its busiest machine takes, if the cut can still be made more even.
        var uneven: (state: Int, limit: Double)?
    }

    init(_ model: ModelDescription, _ workers: [WorkerDescription], _ fleet: MachineFleet) {
        self.model = model
        self.workers = workers
        self.fleet = fleet
    }

    /// Of the pipelines that the machines of a group make, for `streams` streams: the one with most workers that is not
    /// slower than the fastest by more than `margin`, and the fastest. Empty if the machines cannot hold the model.
    mutating func pipelines(of group: [Int], streams: Int, margin: Double) -> [PipelineCandidate] {
        let key = Key(kinds: group.map { fleet.machines[$0].kind }.sorted(), streams: streams)
        if let found = known[key] { return candidates(found, group) }
        let graph = graph(of: group)
        let byCount = search(group, graph, streams: streams)
        var chosen: [Found] = []
        if let fastest = byCount.min(by: { ($0.cycle, -$0.workerCount) < ($1.cycle, -$1.workerCount) }) {
            let fullest = byCount.last { $0.cycle <= fastest.cycle * (1 + margin) } ?? fastest
            for found in [fullest, fastest] { chosen.append(even(found, graph)) }
        }
        known[key] = chosen
        return candidates(chosen, group)
    }

    /// The fastest pipeline in which all workers of the group have layers; nil if there is none.
    mutating func pipelineOfAll(_ group: [Int], streams: Int) -> PipelineCandidate? {
        let count = group.reduce(0) { $0 + fleet.machines[$1].workers.count }
        let graph = graph(of: group)
        guard count <= model.layerCount, let found = search(group, graph, streams: streams).last,
            found.workerCount == count
        else { return nil }
        return candidate(even(found, graph), group)
    }

    private func graph(of group: [Int]) -> StageGraph {
        StageGraph(group.map { fleet.machines[$0] }, isOfMany: fleet.machines.count > 32)
    }

    /// The best cut for each number of workers, ascending.
    private mutating func search(_ group: [Int], _ graph: StageGraph, streams: Int) -> [Found] {
        var byCount: [Int: Found] = [:]
        for batches in batchCounts(group, graph, streams: streams) {
            let rows = (streams + batches - 1) / batches
            let prices = prices(rows: rows)
            let byBottleneck = StageCut(
                graph, layerCount: model.layerCount, prices: prices.bottleneck, isSum: false)
            let byPass = StageCut(graph, layerCount: model.layerCount, prices: prices.pass, isSum: true)
            for (cut, isUneven) in [(byBottleneck, true), (byPass, false)] {
                for state in cut.states {
                    var found = found(cut.parts(state), prices, batches: batches)
                    if isUneven { found.uneven = (state, cut.price(state)) }
                    if found.cycle < (byCount[found.workerCount]?.cycle ?? .infinity) * (1 - 1e-9) {
                        byCount[found.workerCount] = found
                    }
                }
            }
        }
        return byCount.values.sorted { $0.workerCount < $1.workerCount }
    }

    private mutating func prices(rows: Int) -> StagePrices {
        if let known = pricesByRows[rows] { return known }
        let prices = StagePrices(fleet, layerCount: model.layerCount, rows: rows)
        pricesByRows[rows] = prices
        return prices
    }

    private func found(_ parts: [StageCut.Part], _ prices: StagePrices, batches: Int) -> Found {
        var (bottleneck, pass, count) = (0.0, 0.0, 0)
        for part in parts {
            let place = StagePrices.place(part.layers.lowerBound, part.layers.upperBound, of: model.layerCount)
            bottleneck = max(bottleneck, prices.bottleneck[part.kind][place])
            pass += prices.pass[part.kind][place]
            count += min(fleet.kinds[part.kind].count, part.layers.count)
        }
        return Found(
            parts: parts, workerCount: count, cycle: max(Double(batches) * bottleneck, pass), rows: prices.rows,
            batches: batches)
    }

    /// Of the cuts whose busiest machine is equally busy, the one with the shortest pass, and of those the most even.
    /// Otherwise a slow last stage, which no cut makes faster, would let layers pile up on another machine.
    private mutating func even(_ found: Found, _ graph: StageGraph) -> Found {
        guard let (state, limit) = found.uneven else { return found }
        let prices = prices(rows: found.rows)
        let within = zip(prices.pass, prices.bottleneck).map { pass, bottleneck in
            zip(pass, bottleneck).map { $1 <= limit * (1 + 1e-9) ? $0 : .infinity }
        }
        let cut = StageCut(graph, layerCount: model.layerCount, prices: within, isSum: true)
        guard cut.states.contains(state) else { return found }
        let even = self.found(cut.parts(state), prices, batches: found.batches)
        return even.workerCount == found.workerCount ? even : found
    }

    /// The numbers of batches in flight that are tried: all small ones and fewer of the larger ones, up to twice the possible
    /// stages; more keep no stage busier unless links are very slow.
    private func batchCounts(_ group: [Int], _ graph: StageGraph, streams: Int) -> [Int] {
        let stages = min(model.layerCount, group.reduce(0) { $0 + fleet.machines[$1].workers.count })
        let most = min(streams, 2 * stages + 2)
        var counts: [Int] = []
        var batches = 1
        while batches < most {
            counts.append(batches)
            batches = max(batches + 1, batches * 5 / 4)
        }
        counts.append(most)
        let steps = graph.steps.reduce(0) { $0 + $1.count } * model.layerCount * model.layerCount
        let affordable = max(2, Self.mostSteps / max(1, steps))
        return counts.count <= affordable ? counts : Array(counts.prefix(affordable - 1)) + [most]
    }

    private mutating func candidates(_ found: [Found], _ group: [Int]) -> [PipelineCandidate] {
        var candidates: [PipelineCandidate] = []
        for found in found { candidates.append(candidate(found, group)) }
        return candidates
    }

    private mutating func candidate(_ found: Found, _ group: [Int]) -> PipelineCandidate {
        let prices = prices(rows: found.rows)
        var left = group.map { fleet.machines[$0] }
        var stages: [PlannedStage] = []
        for part in found.parts {
            guard let place = left.firstIndex(where: { $0.kind == part.kind }) else { continue }
            let machine = left.remove(at: place)
            let cut = prices.cut(part.kind, part.layers)
            stages += zip(machine.workers.suffix(cut.count), cut).map { PlannedStage(worker: $0, layers: $1) }
        }
        return PipelineCandidate(
            stages: stages, description: PipelineDescription(stages, workers: workers, model: model))
    }
}
