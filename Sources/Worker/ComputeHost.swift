import GPT2
import Wire

/// What the compute thread reports.
enum ComputeEvent: Sendable {
    case loaded(Ready, epoch: UInt64)
    /// A batch that takes its time is nearly done.
    case nearEnd(batchID: UInt64, epoch: UInt64)
    case finished(WireMessage.Body, tensors: [[UInt8]], StageTiming, epoch: UInt64)
    case measured([Speed], epoch: UInt64)
    /// `fatal`: the model cannot be loaded, now or later.
    case failed(String, fatal: Bool, epoch: UInt64)
}

/// What lives on a worker's compute thread: the stage it carries.
final class ComputeHost {
    private let model: LocalModel
    private let threads: Int
    private var team: ThreadTeam?
    private let loading: (Int, Int) -> Void
    private let digesting: (Int, Int) -> Void
    private let report: @Sendable (ComputeEvent) -> Void
    private var executor: StageExecutor?
    private var stage: UInt32 = 0
    private let clock: MicrosecondClock

    /// Microseconds. A batch that takes less leaves in the caches what the others push out, and is not announced.
    private static let leastAnnounced: UInt64 = 4_000

    init(
        model: LocalModel, threads: Int, clock: MicrosecondClock, loading: @escaping (Int, Int) -> Void,
        digesting: @escaping (Int, Int) -> Void,
        report: @escaping @Sendable (ComputeEvent) -> Void
    ) {
        self.model = model
        self.threads = threads
        self.clock = clock
        self.loading = loading
        self.digesting = digesting
        self.report = report
    }

    func perform(_ job: ComputeJob, isAbandoned: Bool) {
        switch job {
        case .load(let assignment, let epoch): load(assignment, epoch)
        case .run(let batch, let activations, let received, let epoch):
            run(batch, activations, received, epoch, isAbandoned: isAbandoned || batch.abandoned)
        case .measure(let epoch): measure(epoch)
        case .wake: team?.wake()
        }
    }

    private func load(_ assignment: Assignment, _ epoch: UInt64) {
        let weights = PackedType(assignment.weightType)
        guard let cache = CacheType(assignment.cacheType), assignment.activationType == .f32 else {
            return report(.failed("it was asked for types it does not have", fatal: false, epoch: epoch))
        }
        stage = assignment.stage
        let first = Int(assignment.firstLayer)
        let layers = first..<(first + Int(assignment.layerCount))
        guard !layers.isEmpty, layers.upperBound <= model.configuration.layerCount else {
            return report(.failed("it was asked for layers it does not have", fatal: false, epoch: epoch))
        }
        do {
            // The same layers again, for a new plan: the weights stay, and what is in the cache is void.
            if !holds(layers, assignment.blockCount, weights, cache) {
                dropStage()
                let team = try team ?? ThreadTeam(threadCount: threads)
                self.team = team
                let stage = try PipelineStage(
                    configuration: model.configuration, checkpoint: model.checkpoint, layers: layers,
                    blockCount: Int(assignment.blockCount), weights: weights, cache: cache, team: team,
                    progress: loading)
                executor = StageExecutor(stage: stage)
            }
            let ready = Ready(
                digests: try model.groupDigests(of: layers, progress: digesting),
                weightBytes: UInt64(executor?.stage.weightBytes ?? 0),
                cacheBytes: UInt64(executor?.stage.cacheBytes ?? 0))
            report(.loaded(ready, epoch: epoch))
        } catch {
            report(.failed("\(error)", fatal: true, epoch: epoch))
        }
    }

    private func dropStage() {
        guard executor != nil else { return }
        executor = nil
        // The model stays mapped, and with it layers that are carried no more.
        model.checkpoint.releasePages()
    }

    private func holds(_ layers: Range<Int>, _ blockCount: UInt32, _ weights: PackedType, _ cache: CacheType) -> Bool {
        guard let stage = executor?.stage else { return false }
        return stage.layers == layers && stage.blockCount == Int(blockCount) && stage.weightType == weights
            && stage.cacheType == cache
    }

    private func run(
        _ batch: Batch, _ activations: [UInt8]?, _ received: UInt64, _ epoch: UInt64, isAbandoned: Bool
    ) {
        guard let executor else {
            return report(.failed("a batch came before its layers were loaded", fatal: false, epoch: epoch))
        }
        let isLast = executor.stage.isLast
        let started = clock.now
        var timing = StageTiming(
            stage: stage, receivedMicroseconds: received, startedMicroseconds: started, endedMicroseconds: started,
            rows: 0)
        if isAbandoned || batch.error != nil {
            let husk = Self.husk(of: batch, isLast: isLast, error: batch.error)
            return report(.finished(husk.appending(timing, to: batch.timings), tensors: [], timing, epoch: epoch))
        }
        var body: WireMessage.Body
        var tensors: [[UInt8]] = []
        do throws(BatchError) {
            let nearEnd: @Sendable () -> Void = { [clock, report] in
                guard clock.now - started >= Self.leastAnnounced else { return }
                report(.nearEnd(batchID: batch.batchID, epoch: epoch))
            }
            switch try executor.run(batch, activations: activations, nearEnd: nearEnd) {
            case .activations(let shape, let bytes):
                var next = batch
                next.activations = shape
                body = .batch(next)
                tensors = [bytes]
            case .result(let result):
                body = .batchResult(result)
            }
        } catch {
            body = Self.husk(of: batch, isLast: isLast, error: "\(error)")
        }
        timing.endedMicroseconds = clock.now
        timing.rows = UInt32(clamping: batch.slices.reduce(0) { $0 + $1.tokens.count })
        timing.sentBytes = UInt64(tensors.reduce(0) { $0 + $1.count })
        report(.finished(body.appending(timing, to: batch.timings), tensors: tensors, timing, epoch: epoch))
    }

    /// What is handed on in place of a batch that was given up or failed, so that order holds.
    private static func husk(of batch: Batch, isLast: Bool, error: String?) -> WireMessage.Body {
        isLast
            ? .batchResult(BatchResult(batchID: batch.batchID, abandoned: error == nil, error: error))
            : .batch(Batch(batchID: batch.batchID, abandoned: true, error: error))
    }

    private func measure(_ epoch: UInt64) {
        guard let executor else { return }
        do throws(GPT2Error) {
            var speeds: [Speed] = []
            // The first is slower by what has to be mapped, and many rows take long: a cluster waits for this at its start.
            for (rows, repetitions) in [(1, 3), (8, 3), (64, 1)] {
                let measured = try executor.stage.measure(rows: rows, repetitions: repetitions)
                speeds.append(
                    Speed(
                        rows: UInt32(rows), millisecondsPerLayer: measured.millisecondsPerLayer,
                        headMilliseconds: measured.headMilliseconds))
            }
            report(.measured(speeds, epoch: epoch))
        } catch {
            report(.failed("\(error)", fatal: false, epoch: epoch))
        }
    }
}

extension WireMessage.Body {
    /// A batch or result with this stage's timing behind those of the stages before.
    fileprivate func appending(_ timing: StageTiming, to earlier: [StageTiming]) -> Self {
        let timings = Array((earlier + [timing]).prefix(WireLimits.timings))
        switch self {
        case .batch(var batch):
            batch.timings = timings
            return .batch(batch)
        case .batchResult(var result):
            result.timings = timings
            return .batchResult(result)
        default: return self
        }
    }
}
