import Messages

/// What was recorded of a cluster at work: batches, and who carried the stages. Times are microseconds of the coordinator's
/// clock.
package struct RecordedTrace: Equatable {
    /// A pipeline of one plan.
    package struct Pipeline: Hashable, Comparable {
        package var epoch: UInt64
        package var number: UInt32

        package init(epoch: UInt64, number: UInt32) {
            self.epoch = epoch
            self.number = number
        }

        package static func < (left: Self, right: Self) -> Bool {
            (left.epoch, left.number) < (right.epoch, right.number)
        }
    }

    /// A stage's time with a batch.
    package struct Slice: Equatable {
        package var record: TraceRecord
        package var timing: StageTiming
        package var start: UInt64
        package var end: UInt64

        /// From when the batch was here to when it was begun.
        package var queuedMicroseconds: UInt64 { start - min(timing.receivedMicroseconds, start) }
    }

    /// Batches that are kept at most.
    package static let limit = 1_000_000

    package private(set) var records: [TraceRecord] = []
    package private(set) var carriers: [TraceStage] = []
    /// Batches that the coordinator had no more when it was asked.
    package private(set) var lost: UInt64 = 0
    package private(set) var begin: UInt64?
    package private(set) var end: UInt64 = 0

    /// The cursor to go on from; 0 before the first answer.
    package private(set) var next: UInt64 = 0

    package init() {}

    package var isFull: Bool { records.count >= Self.limit }

    /// The coordinator's next answer.
    package mutating func append(_ trace: Trace) {
        begin = begin ?? trace.clockMicroseconds
        end = max(end, trace.clockMicroseconds)
        next = trace.next
        // A coordinator may say anything, and nothing may overflow.
        lost &+= trace.lost
        records += trace.records.prefix(Self.limit - records.count)
        for stage in trace.stages where !carriers.contains(where: { $0.isSame(as: stage) }) { carriers.append(stage) }
    }

    /// In the order of their plans; those too that had nothing to do.
    package var pipelines: [Pipeline] {
        let seen = records.map { Pipeline(epoch: $0.epoch, number: $0.pipeline) }
        let known = carriers.map { Pipeline(epoch: $0.epoch, number: $0.pipeline) }
        return Set(seen + known).sorted()
    }

    package func records(of pipeline: Pipeline) -> [TraceRecord] {
        records.filter { $0.epoch == pipeline.epoch && $0.pipeline == pipeline.number }
    }

    /// The numbers of a pipeline's stages, in order.
    package func stages(of pipeline: Pipeline) -> [UInt32] {
        let known = carriers.filter { $0.epoch == pipeline.epoch && $0.pipeline == pipeline.number }.map(\.stage)
        return Set(known + records(of: pipeline).flatMap { $0.timings.map(\.stage) }).sorted()
    }

    /// "stage 0 (worker-1, layers 0-23)"
    package func name(of stage: UInt32, in pipeline: Pipeline) -> String {
        guard let carrier = carrier(of: stage, in: pipeline) else { return "stage \(stage)" }
        return "stage \(stage) (\(carrier.worker.printable), layers \(carrier.layers))"
    }

    package func carrier(of stage: UInt32, in pipeline: Pipeline) -> TraceStage? {
        carriers.first { $0.epoch == pipeline.epoch && $0.pipeline == pipeline.number && $0.stage == stage }
    }

    /// What a stage computed, in order. It computes one batch at a time; where estimated clocks say otherwise by some
    /// microseconds, the later one begins when the earlier one has ended.
    package func slices(of stage: UInt32, in pipeline: Pipeline) -> [Slice] {
        let timed = records(of: pipeline).flatMap { record in
            record.timings.filter { $0.stage == stage && $0.rows != 0 }.map { (record, $0) }
        }
        var free: UInt64 = 0
        return timed.sorted { $0.1.startedMicroseconds < $1.1.startedMicroseconds }.map { record, timing in
            let start = max(free, timing.startedMicroseconds)
            free = max(start, timing.endedMicroseconds)
            return Slice(record: record, timing: timing, start: start, end: free)
        }
    }
}

extension TraceStage {
    func isSame(as other: TraceStage) -> Bool {
        (epoch, pipeline, stage) == (other.epoch, other.pipeline, other.stage)
    }

    var layers: String { "\(firstLayer)-\(Int(firstLayer) + max(1, Int(layerCount)) - 1)" }
}
