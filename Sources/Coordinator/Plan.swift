import Scheduling
import Wire

/// One pipeline: which worker carries which layers.
package struct Plan: Equatable {
    package var epoch: UInt64
    /// In the order of the stages.
    package var workers: [WorkerID]
    package var layers: [Range<Int>]
    package var blockCount: Int
    package var weightType = WireElementType.f32
    package var cacheType = WireElementType.f32

    /// Messages that make the plan, one for each stage.
    package func assignments(endpoints: [String], results: String) -> [Assignment] {
        layers.indices.map { stage in
            Assignment(
                stage: UInt32(stage), stageCount: UInt32(layers.count), firstLayer: UInt32(layers[stage].lowerBound),
                layerCount: UInt32(layers[stage].count), blockCount: UInt32(blockCount), weightType: weightType,
                cacheType: cacheType, activationType: .f32,
                successor: stage + 1 < layers.count ? endpoints[stage + 1] : results)
        }
    }
}

/// Chooses the workers of a plan and cuts the layers among them.
package struct PlanMaker {
    let model: ServedModel
    /// How many stages are wanted.
    let workersWanted: Int
    /// Sequences of full length for which there are blocks, where memory allows.
    let sequences: Int

    package init(model: ServedModel, workersWanted: Int, sequences: Int) {
        self.model = model
        self.workersWanted = workersWanted
        self.sequences = sequences
    }

    /// - Parameter candidates: in the order in which they came; the first that fit together are taken.
    /// - Throws: why the first of them do not fit, where no others do.
    package func plan(epoch: UInt64, candidates: [WorkerRecord]) throws(LayerPlanError) -> Plan? {
        var left = candidates
        var failure: LayerPlanError?
        while let chosen = choose(left) {
            do throws(LayerPlanError) {
                let ranges = try LayerPlan.ranges(costs: model.costs, pins: chosen.map(\.pin))
                return plan(epoch: epoch, zip(chosen, ranges).sorted { $0.1.lowerBound < $1.1.lowerBound })
            } catch {
                failure = failure ?? error
                // Others may fit without the last to come of those that are bound to layers.
                guard let bound = chosen.last(where: { $0.pin != nil }) else { break }
                left.removeAll { $0.id == bound.id }
            }
        }
        if let failure { throw failure }
        return nil
    }

    /// The first candidates whose pins do not overlap, as many as are wanted: one bound to layers that another is bound
    /// to already stands by for it.
    private func choose(_ candidates: [WorkerRecord]) -> [WorkerRecord]? {
        var chosen: [WorkerRecord] = []
        for worker in candidates where chosen.count < workersWanted {
            if let pin = worker.pin, chosen.contains(where: { $0.pin?.overlaps(pin) == true }) { continue }
            chosen.append(worker)
        }
        return chosen.count == workersWanted ? chosen : nil
    }

    private func plan(epoch: UInt64, _ stages: [(WorkerRecord, Range<Int>)]) -> Plan {
        Plan(
            epoch: epoch, workers: stages.map(\.0.id), layers: stages.map(\.1),
            blockCount: blockCount(stages.map { ($0.0.hello.memoryBytes, $0.1.count) }),
            weightType: model.weightType, cacheType: model.cacheType)
    }

    /// Blocks for `sequences` full sequences, fewer where a quarter of some worker's memory does not hold them; at least
    /// one full sequence. Memory of a block is only used once the block is.
    private func blockCount(_ stages: [(memory: UInt64, layers: Int)]) -> Int {
        let perSequence = BlockPool.blocks(for: model.context)
        var count = sequences * perSequence
        for stage in stages {
            let bytesPerBlock = max(1, model.blockBytesPerLayer * stage.layers)
            count = min(count, Int(clamping: stage.memory / 4) / bytesPerBlock)
        }
        return max(count, perSequence)
    }
}
