import Messages

/// What a recorded trace comes to, stage by stage; as JSON with names in snake case.
package struct TraceSummary: Encodable, Sendable {
    package struct Stage: Encodable, Sendable {
        package let name: String
        package let pipeline: UInt32
        package let stage: UInt32
        package let batches: Int
        package let rows: Int
        /// Shares of the time.
        package let busy: Double
        package let bubbles: Double
        package let longestBubbleMilliseconds: Double
        package let millisecondsPerBatch: Double?
        package let queueMilliseconds: Double?
    }

    package let file: String
    package let seconds: Double
    package let batches: Int
    package let lost: UInt64
    /// Median time of a batch from one process to the next, without what it waits for there; nil without batches.
    package let wayMilliseconds: Double?
    package let stages: [Stage]

    /// - Parameter file: that the trace was written to.
    package init(_ trace: RecordedTrace, file: String) {
        self.file = file
        seconds = Double(trace.end - min(trace.begin ?? 0, trace.end)) / 1e6
        batches = trace.records.count
        lost = trace.lost
        let ways = trace.records.compactMap(\.wayMicroseconds)
        wayMilliseconds = ways.isEmpty ? nil : median(ways) / 1_000
        stages = trace.pipelines.flatMap { pipeline in
            trace.stages(of: pipeline).map { stage in
                Stage(
                    trace.name(of: stage, in: pipeline), pipeline, stage, StageUse(of: stage, in: pipeline, of: trace))
            }
        }
    }
}

extension TraceSummary.Stage {
    fileprivate init(_ name: String, _ pipeline: RecordedTrace.Pipeline, _ stage: UInt32, _ use: StageUse) {
        let total = Double(max(1, use.totalMicroseconds))
        func mean(_ microseconds: UInt64) -> Double? {
            use.batches == 0 ? nil : Double(microseconds) / 1_000 / Double(use.batches)
        }
        self.init(
            name: name, pipeline: pipeline.number, stage: stage, batches: use.batches, rows: use.rows,
            busy: Double(use.busyMicroseconds) / total, bubbles: Double(use.bubbleMicroseconds) / total,
            longestBubbleMilliseconds: Double(use.longestBubbleMicroseconds) / 1_000,
            millisecondsPerBatch: mean(use.busyMicroseconds), queueMilliseconds: mean(use.queuedMicroseconds))
    }
}
