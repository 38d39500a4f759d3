import GPT2
import Messages
import ModelFiles
import StageExecution
import Transport
import Wire

/// What comes of a batch on a stage, and how long it took.
struct FinishedBatch {
    let body: DataMessage
    let tensors: [[UInt8]]
    let timing: StageTiming
}

/// The stage that a worker carries, and what it computes with.
final class ComputeHost {
    private let model: LocalModel
    private let threads: Int
    private var team: ThreadTeam?
    private let loading: (Int, Int) -> Void
    private let digesting: (Int, Int) -> Void
    private var executor: StageExecutor?
    private var stage: UInt32 = 0
    private let clock: any MonotonicClock
    /// A batch is being run.
    private(set) var isRunning = false

    /// Microseconds. A batch that takes less leaves in the caches what the others push out, and is not announced.
    private static let leastAnnounced: UInt64 = 4_000

    init(
        model: LocalModel, threads: Int, clock: any MonotonicClock, loading: @escaping (Int, Int) -> Void,
        digesting: @escaping (Int, Int) -> Void
    ) {
        self.model = model
        self.threads = threads
        self.clock = clock
        self.loading = loading
        self.digesting = digesting
    }

    /// Wakes the threads: a batch is about to come.
    func wake() { team?.wake() }

    /// Loads the layers of an assignment, and says whether it could.
    func load(_ assignment: Assignment) -> StageEvent {
        let weights = PackedType(assignment.weightType)
        guard let cache = CacheType(assignment.cacheType), assignment.activationType == .f32 else {
            return .failed("it was asked for types it does not have", fatal: false)
        }
        stage = assignment.stage
        let first = Int(assignment.firstLayer)
        let layers = first..<(first + Int(assignment.layerCount))
        guard !layers.isEmpty, layers.upperBound <= model.configuration.layerCount else {
            return .failed("it was asked for layers it does not have", fatal: false)
        }
        do {
            // The same layers again, for a new plan: the weights stay, and what is in the cache is void.
            if !holds(layers, assignment.blockCount, weights, cache) {
                dropStage()
                let team = try team ?? ThreadTeam(threadCount: threads)
                self.team = team
                let stage = try PipelineStage(
                    configuration: model.configuration, files: model.weights, layers: layers,
                    blockCount: Int(assignment.blockCount), weights: weights, cache: cache, team: team,
                    progress: loading)
                executor = StageExecutor(stage: stage)
            }
            return .loaded(
                Ready(
                    digests: try model.groupDigests(of: layers, progress: digesting),
                    weightBytes: UInt64(executor?.stage.weightBytes ?? 0),
                    cacheBytes: UInt64(executor?.stage.cacheBytes ?? 0)))
        } catch {
            return .failed("\(error)", fatal: true)
        }
    }

    private func dropStage() {
        guard executor != nil else { return }
        executor = nil
        // The model stays mapped, and with it layers that are carried no more.
        model.weights.releasePages()
    }

    private func holds(_ layers: Range<Int>, _ blockCount: UInt32, _ weights: PackedType, _ cache: CacheType) -> Bool {
        guard let stage = executor?.stage else { return false }
        return stage.layers == layers && stage.blockCount == Int(blockCount) && stage.weightType == weights
            && stage.cacheType == cache
    }

    /// Runs a batch, or passes on a cancelled one empty; nil where no layers are loaded. `meanwhile` is called between
    /// two layers, and `nearEnd` shortly before the end of a batch that takes its time.
    func run(
        _ batch: Batch, _ activations: [UInt8]?, received: UInt64, isCancelled: Bool,
        meanwhile: @escaping () -> Void, nearEnd: @escaping () -> Void
    ) -> FinishedBatch? {
        guard let executor else { return nil }
        isRunning = true
        defer { isRunning = false }
        let started = clock.microseconds
        var timing = StageTiming(
            stage: stage, receivedMicroseconds: received, startedMicroseconds: started, endedMicroseconds: started,
            rows: 0)
        var output: StageOutput?
        var error = batch.error
        if !isCancelled, error == nil {
            do throws(BatchError) {
                output = try executor.run(batch, activations: activations, meanwhile: meanwhile) { [clock] in
                    if clock.microseconds - started >= Self.leastAnnounced { nearEnd() }
                }
            } catch let failure {
                error = "\(failure)"
            }
            timing.endedMicroseconds = clock.microseconds
            timing.rows = UInt32(clamping: batch.slices.reduce(0) { $0 + $1.tokens.count })
        }
        return finished(batch, output, error, timing, isLast: executor.stage.isLast)
    }

    private func finished(
        _ batch: Batch, _ output: StageOutput?, _ error: String?, _ timing: StageTiming, isLast: Bool
    ) -> FinishedBatch {
        var timing = timing
        var body: DataMessage
        var tensors: [[UInt8]] = []
        switch output {
        case .activations(let shape, let bytes):
            var next = batch
            next.activations = shape
            body = .batch(next)
            tensors = [bytes]
            timing.sentBytes = UInt64(bytes.count)
        case .result(let result): body = .batchResult(result)
        case nil: body = Self.cancelledBatch(of: batch, isLast: isLast, error: error)
        }
        body = body.appending(timing, to: batch.timings)
        return FinishedBatch(body: body, tensors: tensors, timing: timing)
    }

    /// What is passed on in place of a batch that was cancelled or failed, so that order holds.
    private static func cancelledBatch(of batch: Batch, isLast: Bool, error: String?) -> DataMessage {
        isLast
            ? .batchResult(BatchResult(batchID: batch.batchID, cancelled: error == nil, error: error))
            : .batch(Batch(batchID: batch.batchID, cancelled: true, error: error))
    }

    /// Measures the layers that are loaded; nil where there are none.
    func measure() -> StageEvent? {
        guard let executor else { return nil }
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
            return .measured(speeds)
        } catch {
            return .failed("\(error)", fatal: false)
        }
    }
}

extension DataMessage {
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
