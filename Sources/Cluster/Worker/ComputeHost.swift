import GPT2
import Messages
import ModelFiles
import StageExecution
import Transport

/// The stage that a worker runs, and the threads it runs on.
final class ComputeHost {
    private let model: LocalModel
    private let threads: Int
    private var backend: Backend?
    private let observer: any StageObserver
    private let loading: (Int, Int) -> Void
    private let digesting: (Int, Int) -> Void
    private var executor: StageExecutor?
    private var stage: UInt32 = 0
    // More than the stage has, where memory did not suffice.
    private var assignedBlocks: UInt32 = 0
    private let clock: any MonotonicClock

    /// - Parameter observer: hears how far each batch is.
    init(
        configuration: WorkerConfiguration, model: LocalModel, clock: any MonotonicClock, observer: any StageObserver
    ) {
        self.model = model
        self.clock = clock
        self.observer = observer
        threads = configuration.machine.threads
        loading = configuration.loading
        digesting = configuration.digesting
    }

    /// Wakes the threads: a batch is about to come.
    func wake() { backend?.team.wake() }

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
            // The same layers for a new plan: the weights are kept, and the contents of the cache are void.
            if !holds(layers, assignment.blockCount, weights, cache) {
                dropStage()
                let backend = try backend ?? Backend(threadCount: threads)
                self.backend = backend
                let stage = try withFittingBlocks(
                    Int(assignment.blockCount), least: model.configuration.blocksPerSequence
                ) { blocks in
                    try PipelineStage(
                        configuration: model.configuration, files: model.weights, layers: layers, blockCount: blocks,
                        weights: weights, cache: cache, backend: backend, progress: loading)
                }
                executor = StageExecutor(stage: stage, observer: observer)
                assignedBlocks = assignment.blockCount
            }
            try executor?.leaveOut(assignment.unusedIDs)
            let digests = try model.groupDigests(of: layers, progress: digesting)
            let blocks = executor.map { UInt32($0.stage.blockCount) } ?? 0
            return .loaded(
                Ready(
                    digests: digests, weightBytes: UInt64(executor?.stage.weightBytes ?? 0),
                    cacheBytes: UInt64(executor?.stage.cacheBytes ?? 0),
                    blockCount: blocks < assignment.blockCount ? blocks : nil))
        } catch let error as BatchError {
            return .failed("\(error)", fatal: false)
        } catch {
            return .failed("\(error)", fatal: true)
        }
    }

    private func dropStage() {
        guard executor != nil else { return }
        executor = nil
        // The model stays mapped, including the layers that were dropped.
        model.weights.releasePages()
    }

    private func holds(_ layers: Range<Int>, _ blockCount: UInt32, _ weights: PackedType, _ cache: CacheType) -> Bool {
        guard let stage = executor?.stage else { return false }
        return stage.layers == layers && assignedBlocks == blockCount && stage.weightType == weights
            && stage.cacheType == cache
    }

    /// Runs a batch, or passes on a cancelled one empty; nil where no layers are loaded.
    func run(_ waiting: WaitingBatch, isCancelled: Bool) -> FinishedBatch? {
        guard let executor else { return nil }
        let batch = waiting.batch
        let started = clock.microseconds
        var timing = StageTiming(
            stage: stage, receivedMicroseconds: waiting.arrived, startedMicroseconds: started,
            endedMicroseconds: started, rows: 0)
        var output: StageOutput?
        var error = batch.error
        if !isCancelled, error == nil {
            do throws(BatchError) {
                output = try executor.run(batch, activations: waiting.activations)
            } catch let failure {
                error = "\(failure)"
            }
            timing.endedMicroseconds = clock.microseconds
            timing.rows = UInt32(clamping: batch.slices.reduce(0) { $0 + $1.tokens.count })
        }
        switch output {
        case .activations(let shape, let bytes):
            return FinishedBatch(batch, activations: shape, bytes, timing: timing)
        case .result(let result): return FinishedBatch(batch, result: result, timing: timing)
        case nil: return FinishedBatch(empty: batch, isLast: executor.stage.isLast, error: error, timing: timing)
        }
    }

    /// Measures the layers that are loaded; nil where there are none.
    func measure() -> StageEvent? {
        guard let executor else { return nil }
        do throws(GPT2Error) {
            var speeds: [Speed] = []
            // The first run also maps pages, and many rows take long: a cluster waits for this when it starts.
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
