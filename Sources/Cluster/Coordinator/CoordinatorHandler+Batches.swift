import Messages
import Scheduling
import Transport
import Wire

/// Batches on their way: out to the first stages, and back from the last.
extension CoordinatorHandler {
    /// Dials the first stage of each pipeline of a plan that is live from now on.
    func openPipelines(_ plan: Plan, _ firstEndpoints: [String]) {
        for (pipeline, endpoint) in zip(plan.pipelines, firstEndpoints) {
            do {
                let socket = try sockets.connectPush(try Endpoint(endpoint))
                links.append(PipelineLink(socket: socket, incarnation: incarnation, epoch: plan.epoch))
            } catch {
                logger.error("\(error)")
                return carryOut(
                    membership.fault("\(error)", fatal: false, epoch: plan.epoch, from: pipeline.workers[0]))
            }
        }
        engine.pipelinesReady(plan.pipelines.map(\.description))
    }

    /// Sends what the scheduler wants sent, as far as the links take it.
    func sendBatches() {
        var hasSent = true
        // A batch for one pipeline may place sequences in another. Bounded by what may be in flight.
        while hasSent {
            hasSent = false
            for index in links.indices where links[index].isFree {
                guard let batch = engine.nextBatch(pipeline: index) else { continue }
                noteSent(batch, pipeline: index)
                membership.batchSent(links[index].send(batch, on: sockets), pipeline: index, now: now)
                hasSent = true
            }
        }
    }

    func receiveResult(_ wire: WireMessage<DataMessage>, _ message: Message) {
        guard wire.incarnation == incarnation, membership.isLive, let plan = membership.plan, wire.epoch == plan.epoch
        else { return dropped.note("a result of another epoch", link: "result", sender: message.senderAddress) }
        if case .announcement(let batchID) = wire.body { return passOn(announcementOf: batchID) }
        guard case .batchResult(let result) = wire.body else {
            return dropped.note("not a batch result", link: "result", sender: message.senderAddress)
        }
        // One that answers no batch is of a pipeline nobody knows.
        let pipeline = engine.scheduler.flight(result.batchID)?.pipeline ?? 0
        let gap = membership.resultReceived(wire.linkSequence, pipeline: pipeline)
        guard gap.isEmpty else { return carryOut(gap) }
        noteTimings(result, of: plan.pipelines[pipeline])
        guard let directives = engine.complete(result, now: milliseconds) else {
            return carryOut(
                membership.fault(
                    "its result is no answer to the batch under way", fatal: false, epoch: wire.epoch,
                    from: plan.pipelines[pipeline].workers.last ?? []))
        }
        // Workers wait for their next batch, and clients for a word: the batch goes first.
        sendBatches()
        carryOut(directives)
    }

    /// A result is about to come: where it is the only one awaited, stage 0 waits for the batch that follows it.
    private func passOn(announcementOf batchID: UInt64?) {
        guard let batchID, let pipeline = engine.scheduler.flight(batchID)?.pipeline,
            engine.scheduler.flights(pipeline: pipeline).count == 1, links.indices.contains(pipeline)
        else { return }
        links[pipeline].announce(on: sockets)
    }

    /// Tells the planner what layers took of late.
    func refineCosts() {
        guard let plan = membership.plan else { return }
        var costs: [WorkerID: RowCosts] = [:]
        for (index, pipeline) in plan.pipelines.enumerated() {
            for (stage, measured) in engine.scheduler.measuredCosts(pipeline: index).enumerated() {
                let layers = pipeline.layers[stage]
                let head = layers.upperBound == membership.model.layerCount ? membership.model.headInLayers : 0
                costs[pipeline.workers[stage]] = measured.scaled(by: 1 / (Double(layers.count) + head))
            }
        }
        membership.refine(costs)
    }
}
