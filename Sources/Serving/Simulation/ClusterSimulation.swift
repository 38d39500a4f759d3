import HeapModule
import Scheduling

/// A cluster on a virtual clock: the scheduler that a coordinator has, and pretended machines that take as long for a
/// batch as their description says. A machine computes one batch at a time, in the order in which they come; so does a
/// link. Nothing in it is random.
public struct ClusterSimulation {
    /// Something that happens.
    private struct Event: Comparable {
        enum Kind {
            /// A batch is at a stage; at the stage after the last: its result is at the coordinator.
            case arrival(stage: Int)
            /// A stage is done with it.
            case computed(stage: Int)
        }

        var time: Double
        var number: UInt64
        var kind: Kind
        var batch: ScheduledBatch

        static func < (left: Event, right: Event) -> Bool { (left.time, left.number) < (right.time, right.number) }
        static func == (left: Event, right: Event) -> Bool { left.number == right.number }
    }

    private struct Machine {
        var waiting: [Event] = []
        var isBusy = false
    }

    private let pipelines: [PipelineDescription]
    private let load: SimulatedLoad
    private var scheduler: Scheduler
    private var events = Heap<Event>()
    private var lastEvent: UInt64 = 0
    private var now = 0.0
    private var machines: [Int: Machine] = [:]
    // When each link, of a pipeline to a stage, has sent what it was given.
    private var linkFree: [[Double]]
    private var record: SimulationRecord
    private var stageMilliseconds: [UInt64: [Double]] = [:]

    /// - Parameter pipelines: what stages and links really take, and what the scheduler is told of them.
    public init(pipelines: [PipelineDescription], load: SimulatedLoad, limits: SchedulerLimits = .init()) {
        precondition(load.streams > 0 && load.promptTokens > 0 && load.drawnTokens > 0, "nothing to simulate")
        self.pipelines = pipelines
        self.load = load
        var limits = limits
        limits.waitingSequences = max(limits.waitingSequences, load.streams)
        scheduler = Scheduler(context: load.context, limits: limits)
        scheduler.pipelinesReady(pipelines)
        linkFree = pipelines.map { [Double](repeating: 0, count: $0.stages.count + 1) }
        record = SimulationRecord(pipelines: pipelines, streams: load.streams)
    }

    /// Runs the load to its end.
    /// - Throws: ``AdmissionError`` where a stream does not fit the caches.
    public mutating func run() throws(AdmissionError) -> SimulatedOutcome {
        // Prompts that differ from the first token on: nothing is reused.
        try scheduler.submit(
            (0..<load.streams).map { stream in
                let tokens = (0..<load.promptTokens).map { Int32($0 == 0 ? stream : $0) }
                return SequenceRequest(
                    id: SequenceID(stream), tokens: tokens, purpose: .generate(maximumTokens: load.drawnTokens),
                    client: ClientNumber(stream))
            })
        pump()
        // Each batch has a bounded number of events, and each runs a position at least.
        while let event = events.popMin() {
            now = event.time
            switch event.kind {
            case .arrival(let stage): arrive(event, at: stage)
            case .computed(let stage): finish(event, at: stage)
            }
        }
        precondition(scheduler.isIdle, "streams that never end")
        return record.outcome(end: now)
    }

    private mutating func schedule(_ kind: Event.Kind, _ batch: ScheduledBatch, at time: Double) {
        lastEvent += 1
        events.insert(Event(time: time, number: lastEvent, kind: kind, batch: batch))
    }

    /// Sends what the scheduler wants sent.
    private mutating func pump() {
        var hasSent = true
        while hasSent {
            hasSent = false
            for pipeline in pipelines.indices {
                guard let batch = scheduler.nextBatch(pipeline: pipeline) else { continue }
                record.sent(batch, now: now)
                travel(batch, to: 0)
                hasSent = true
            }
        }
    }

    private mutating func travel(_ batch: ScheduledBatch, to stage: Int) {
        let stages = pipelines[batch.pipeline].stages
        let isResult = stage == stages.count
        let link = isResult ? pipelines[batch.pipeline].resultLink : stages[stage].link
        let start = max(now, linkFree[batch.pipeline][stage])
        let sent = start + (isResult ? 0 : link.millisecondsPerRow * Double(batch.rows))
        linkFree[batch.pipeline][stage] = sent
        schedule(.arrival(stage: stage), batch, at: sent + link.latencyMilliseconds)
    }

    private mutating func arrive(_ event: Event, at stage: Int) {
        guard stage < pipelines[event.batch.pipeline].stages.count else { return complete(event.batch) }
        let host = pipelines[event.batch.pipeline].stages[stage].host
        machines[host, default: Machine()].waiting.append(event)
        startNext(on: host)
    }

    private mutating func startNext(on host: Int) {
        guard machines[host]?.isBusy == false, let event = machines[host]?.waiting.first,
            case .arrival(let stage) = event.kind
        else { return }
        machines[host]?.waiting.removeFirst()
        machines[host]?.isBusy = true
        let milliseconds = pipelines[event.batch.pipeline].stages[stage].costs.milliseconds(rows: event.batch.rows)
        stageMilliseconds[event.batch.id, default: []].append(milliseconds)
        record.computed(event.batch, stage: stage, start: now, milliseconds: milliseconds)
        schedule(.computed(stage: stage), event.batch, at: now + milliseconds)
    }

    private mutating func finish(_ event: Event, at stage: Int) {
        let host = pipelines[event.batch.pipeline].stages[stage].host
        machines[host]?.isBusy = false
        travel(event.batch, to: stage + 1)
        startNext(on: host)
    }

    private mutating func complete(_ batch: ScheduledBatch) {
        let drawn = Dictionary(uniqueKeysWithValues: batch.slices.filter(\.samples).map { ($0.sequence, Int32(0)) })
        let outcome = BatchOutcome(
            batch: batch.id, drawn: drawn, stageMilliseconds: stageMilliseconds.removeValue(forKey: batch.id) ?? [])
        guard let steps = scheduler.complete(outcome, now: now) else {
            preconditionFailure("batch \(batch.id) came back and was not taken")
        }
        record.received(batch, steps, now: now)
        pump()
    }
}
