extension Membership {
    /// A batch left for the first stage of a pipeline, as the `sequence`th of this plan.
    package mutating func batchSent(_ sequence: UInt64, pipeline: Int, now: UInt64) {
        guard links.indices.contains(pipeline) else { return }
        links[pipeline].batchesSent = sequence
        links[pipeline].batchSentAt = now
    }

    /// A result came over a pipeline's last link; a gap means that the link lost one.
    package mutating func resultReceived(_ sequence: UInt64?, pipeline: Int) -> [MembershipAction] {
        guard links.indices.contains(pipeline) else { return [] }
        guard let sequence, sequence == links[pipeline].resultsReceived + 1 else {
            return endPlan("the link from the last stage lost a message")
        }
        links[pipeline].resultsReceived = sequence
        return []
    }

    /// One way between a worker and the coordinator, measured by their clocks, in milliseconds.
    package mutating func linkMeasured(_ milliseconds: Double, of id: WorkerID) {
        guard let index = index(of: id), milliseconds.isFinite, milliseconds >= 0 else { return }
        workers[index].linkMilliseconds = milliseconds
    }

    /// Says on which link of the live plan a message got lost: sent long ago, and still not taken in.
    func lostLink(now: UInt64) -> String? {
        guard isLive, let plan else { return nil }
        for (pipeline, link) in zip(plan.pipelines, links) {
            if let lost = lostLink(pipeline, link, now: now) { return lost }
        }
        return nil
    }

    private func lostLink(_ pipeline: AssignedPipeline, _ link: LinkCounts, now: UInt64) -> String? {
        let loss = configuration.linkLossMilliseconds
        var sender = "the coordinator"
        var sent = link.batchesSent
        var since = link.batchSentAt
        for id in pipeline.workers {
            guard let worker = record(id), let statistics = worker.statistics else { return nil }
            if sent > statistics.receivedSequence, worker.statisticsSince > since + loss {
                return "the link from \(sender) to \(worker.label) lost a message"
            }
            sender = worker.label
            sent = statistics.sentSequence
            since = worker.sentSince
        }
        if sent > link.resultsReceived, now > since + loss {
            return "the link from \(sender) to the coordinator lost a message"
        }
        return nil
    }
}
