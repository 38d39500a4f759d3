import Messages
import Planning
import Scheduling

extension Membership {
    /// What batches took of late: of each worker the mean milliseconds of one layer, without the head, by rows. The next
    /// plan counts with it.
    package mutating func refine(_ costs: [WorkerID: RowCosts]) {
        for (id, layer) in costs where !layer.points.isEmpty {
            guard let index = index(of: id) else { continue }
            workers[index].refine(layer)
        }
    }

    /// The same, from what the scheduler has seen of the present plan.
    mutating func refine(by scheduler: Scheduler) {
        guard let plan else { return }
        let costs = plan.pipelines.indices.map { scheduler.measuredCosts(pipeline: $0) }
        refine(plan.layerCosts(costs, of: model))
    }

    /// Workers as the planner sees them. Those alike on one machine are taken for equally fast: what they measured differs
    /// by what else ran there. One that has not measured is taken for as fast as others alike.
    func descriptions(of records: [WorkerRecord]) -> [WorkerDescription] {
        let perHost = Dictionary(grouping: records, by: \.hello.hostID).mapValues(\.count)
        var hosts: [String: Int] = [:]
        return records.map { record in
            let host = hosts[record.hello.hostID] ?? hosts.count
            hosts[record.hello.hostID] = host
            let costs = costs(of: record)
            var worker = WorkerDescription(
                name: record.hello.name, host: host, layerCosts: costs.layer, headCosts: costs.head,
                memoryBytes: record.hello.memoryBytes == 0 ? nil : Int(clamping: record.hello.memoryBytes),
                link: link(of: record))
            worker.pin = record.pin
            worker.cacheBytes = cacheBudget(of: record, sharing: perHost[record.hello.hostID] ?? 1)
            worker.threads = Int(record.hello.cores)
            return worker
        }
    }

    /// Memory that a worker gives to the KV cache: what it says, or half of what the weights leave; nil: the planner knows
    /// its weights better. Workers on one machine share its memory, and all together never have more than all weights.
    private func cacheBudget(of record: WorkerRecord, sharing count: Int) -> Int? {
        if let bytes = record.hello.kvMemoryBytes { return Int(clamping: bytes) }
        guard count > 1, record.hello.memoryBytes > 0 else { return nil }
        let weights = model.description.weightBytes(of: 0..<model.layerCount)
        return max(0, Int(clamping: record.hello.memoryBytes) - weights) / (2 * count)
    }

    /// A link of a gigabit until it is known better.
    private func link(of record: WorkerRecord) -> LinkDescription {
        LinkDescription(
            latencyMilliseconds: record.linkMilliseconds ?? LinkDescription.loopback.latencyMilliseconds,
            gigabitsPerSecond: 1, bytesPerRow: model.description.activationBytesPerRow)
    }

    // MARK: - Milliseconds

    private func costs(of record: WorkerRecord) -> (layer: RowCosts, head: RowCosts) {
        let measured = workers.filter { $0.layerCosts != nil }
        let alike = measured.filter(record.isAlike)
        let near = alike.filter { $0.hello.hostID == record.hello.hostID }
        let known = near.isEmpty ? alike : near
        if !known.isEmpty {
            let layer = RowCosts(meanOf: known.compactMap(\.layerCosts))
            let heads = known.compactMap(\.headCosts)
            return (layer, heads.isEmpty ? layer.scaled(by: headInLayers(measured)) : RowCosts(meanOf: heads))
        }
        let assumed = model.assumedLayerCosts(threads: Int(record.hello.cores))
        // As much faster or slower than assumed as those that did measure.
        let factors = measured.compactMap { other -> Double? in
            let guess = model.assumedLayerCosts(threads: Int(other.hello.cores)).milliseconds(rows: 8)
            return guess > 0 ? other.layerCosts.map { $0.milliseconds(rows: 8) / guess } : nil
        }
        let factor = factors.isEmpty ? 1 : factors.reduce(0, +) / Double(factors.count)
        let layer = assumed.scaled(by: factor)
        return (layer, layer.scaled(by: headInLayers(measured)))
    }

    /// How many layers cost as much as the head.
    private func headInLayers(_ measured: [WorkerRecord]) -> Double {
        let ratios = measured.compactMap { record -> Double? in
            guard let head = record.headCosts, let layer = record.layerCosts?.milliseconds(rows: 8), layer > 0 else {
                return nil
            }
            return head.milliseconds(rows: 8) / layer
        }
        return ratios.isEmpty ? model.headInLayers : ratios.reduce(0, +) / Double(ratios.count)
    }
}

extension WorkerRecord {
    /// Equally fast, by what they say of themselves.
    func isAlike(_ other: WorkerRecord) -> Bool {
        hello.cores == other.hello.cores && hello.instructionSet == other.hello.instructionSet
    }

    /// As measured when asked and refined by batches; nil where there is neither.
    var layerCosts: RowCosts? {
        let measured = RowCosts(
            speeds.map { RowCosts.Point(rows: Int($0.rows), milliseconds: $0.millisecondsPerLayer) })
        if let refined { return measured.points.isEmpty ? refined : measured.refined(by: refined) }
        return measured.points.isEmpty ? nil : measured
    }

    var headCosts: RowCosts? {
        let costs = RowCosts(
            speeds.compactMap { speed in
                speed.headMilliseconds.map { RowCosts.Point(rows: Int(speed.rows), milliseconds: $0) }
            })
        return costs.points.isEmpty ? nil : costs
    }
}

extension RowCosts {
    /// Other costs where they are known, and these beyond, as much larger or smaller as where the others end.
    func refined(by other: RowCosts) -> RowCosts {
        guard let first = other.points.first, let last = other.points.last else { return self }
        func factor(_ point: Point) -> Double { point.milliseconds / max(milliseconds(rows: point.rows), 1e-9) }
        let below = points.filter { $0.rows < first.rows }
            .map { Point(rows: $0.rows, milliseconds: $0.milliseconds * factor(first)) }
        let above = points.filter { $0.rows > last.rows }
            .map { Point(rows: $0.rows, milliseconds: $0.milliseconds * factor(last)) }
        return RowCosts(below + other.points + above)
    }

    /// The mean of several, at all rows at which any is known.
    init(meanOf all: [RowCosts]) {
        let rows = Set(all.flatMap { $0.points.map(\.rows) }).sorted()
        self.init(
            rows.map { rows in
                Point(
                    rows: rows,
                    milliseconds: all.reduce(0) { $0 + $1.milliseconds(rows: rows) } / Double(max(1, all.count)))
            })
    }
}
