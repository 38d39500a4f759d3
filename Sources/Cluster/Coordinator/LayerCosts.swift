import Engine
import Scheduling

/// What layers cost until workers have measured them.
extension ServedModel {
    /// How many layers cost as much as the head, by what they compute.
    var headInLayers: Double { multiplyAdds.head / max(1, multiplyAdds.perLayer) }

    /// Milliseconds of one layer on an ordinary machine, until they are measured: weights come at 25 GB/s, and a thread
    /// does 50 G multiply-adds a second, of bytes three times as many.
    func assumedLayerCosts(threads: Int) -> RowCosts {
        let isQuantized = weightType == .int8 || weightType == .int4
        let perMillisecond = (isQuantized ? 150e6 : 50e6) * Double(max(1, threads))
        return RowCosts(
            [1, 8, 64].map { rows in
                RowCosts.Point(
                    rows: rows,
                    milliseconds: max(
                        Double(description.weights.layer) / 25e6, multiplyAdds.perLayer * Double(rows) / perMillisecond)
                )
            })
    }
}

extension Plan {
    /// What one layer takes each worker, from what the stages of each pipeline took of late.
    func layerCosts(_ stageCosts: [[RowCosts]], of model: ServedModel) -> [WorkerID: RowCosts] {
        var costs: [WorkerID: RowCosts] = [:]
        for (pipeline, measured) in zip(pipelines, stageCosts) {
            for (stage, stageCosts) in measured.enumerated() {
                let layers = pipeline.layers[stage]
                let head = layers.upperBound == model.layerCount ? model.headInLayers : 0
                costs[pipeline.workers[stage]] = stageCosts.scaled(by: 1 / (Double(layers.count) + head))
            }
        }
        return costs
    }
}
