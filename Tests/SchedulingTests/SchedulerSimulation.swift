import Scheduling
import SeededRandom

/// A coordinator's life in random events: clients come and go, a worker completes batches or fails them, the pipeline is
/// lost and comes back. Each step is held against a ``SchedulerModel``.
struct SchedulerSimulation {
    /// All that a scheduler told its shell to do, in order.
    enum Directive: Equatable {
        case refuse(AdmissionError)
        case send(ScheduledBatch)
        case tell(SequenceID, SequenceProgress)
        case end([SequenceID])
    }

    private(set) var directives: [Directive] = []
    private(set) var accepted = 0
    private(set) var completed = 0
    private var scheduler: Scheduler
    private var model: SchedulerModel
    private var random: SplitMix64
    private var lastID: SequenceID = 0
    /// Entries in the worker's answers that nobody asked for: they must change nothing.
    private let answersUnasked: Bool

    init(seed: UInt64, answersUnasked: Bool = false) {
        random = SplitMix64(seed: seed)
        let limits = SchedulerLimits(
            batchRows: random.int(1...40), waitingSequences: random.int(1...10), runningSequences: random.int(1...8))
        let context = random.int(2...70)
        scheduler = Scheduler(context: context, limits: limits)
        model = SchedulerModel(context: context, limits: limits)
        self.answersUnasked = answersUnasked
    }

    /// Runs that many events, then lets all that is left finish.
    mutating func run(events: Int) throws(Violation) {
        for _ in 0..<events {
            try step()
            try model.compareCounts(with: scheduler)
        }
        var batchesLeft = model.sequences.values.reduce(1) { $0 + $1.tokens.count + model.context }
        while !model.sequences.isEmpty {
            try next()
            try complete()
            try model.compareCounts(with: scheduler)
            batchesLeft -= 1
            try check(batchesLeft > 0, "accepted sequences never finish: \(model.sequences.keys.sorted())")
        }
        try check(scheduler.freeBlocks == scheduler.blockCapacity, "blocks leaked: \(scheduler.freeBlocks) free")
    }

    private mutating func step() throws(Violation) {
        if model.capacity == nil, random.chance(60) {
            let blocks = random.int(0...14)
            scheduler.pipelineReady(blocks: blocks)
            model.capacity = blocks
        }
        switch random.int(0...99) {
        case ..<22: try submit()
        case ..<55: try next()
        case ..<85: try complete()
        case ..<93: giveUp()
        case ..<95: try fail()
        case ..<99: try answerWrongly()
        default: try losePipeline()
        }
    }

    private mutating func submit() throws(Violation) {
        var requests: [SequenceRequest] = []
        for _ in 0..<random.int(1...3) {
            lastID += 1
            let count = random.int(1...model.context)
            let tokens = (0..<count).map { _ in Int32.random(in: 0...9_999, using: &random) }
            let purpose: SequenceRequest.Purpose =
                count == model.context || random.chance(25)
                ? .score(firstRow: random.int(0...count - 1))
                : .generate(maximumTokens: random.int(1...min(12, model.context - count)))
            requests.append(SequenceRequest(id: lastID, tokens: tokens, purpose: purpose))
        }
        let expected = model.refusal(of: requests)
        do throws(AdmissionError) {
            try scheduler.submit(requests)
        } catch {
            try check(error == expected, "refused with \(error), not \(String(describing: expected))")
            directives.append(.refuse(error))
            return
        }
        try check(expected == nil, "accepted in spite of \(String(describing: expected))")
        model.accept(requests)
        accepted += requests.count
    }

    private mutating func next() throws(Violation) {
        let batch = scheduler.nextBatch()
        try model.next(batch)
        if let batch { directives.append(.send(batch)) }
    }

    private mutating func complete() throws(Violation) {
        guard let batch = model.flight else { return }
        var drawn: [SequenceID: Int32] = [:]
        if answersUnasked {
            drawn.reserveCapacity(500)
            for id in 1...lastID + 3 { drawn[id] = -1 }
        }
        for slice in batch.slices where slice.samples {
            drawn[slice.sequence] = Int32.random(in: 0...9_999, using: &random)
        }
        guard let told = scheduler.complete(batch: batch.id, drawn: drawn) else {
            throw Violation(description: "batch \(batch.id) not taken back")
        }
        let expected = try model.complete(drawn: drawn)
        try check(told.map(\.sequence) == batch.slices.map(\.sequence), "told \(told), not in the order of \(batch)")
        try check(told.map(\.progress) == expected, "told \(told), not \(expected)")
        for step in told {
            let (id, progress) = (step.sequence, step.progress)
            directives.append(.tell(id, progress))
            switch progress {
            case .drewLast, .scoredLast: completed += 1
            case .drew where random.chance(5): finish(id)  // A stop string.
            default: break
            }
        }
    }

    private mutating func giveUp() {
        guard lastID > 0 else { return }
        // Often one that is there, now and then one that is gone or never was.
        let live = model.sequences.keys.sorted()
        if random.chance(80), let id = live.randomElement(using: &random) {
            finish(id)
        } else {
            finish(SequenceID(random.int(0...Int(lastID) + 2)))
        }
    }

    private mutating func finish(_ id: SequenceID) {
        scheduler.finish(id)
        model.finish(id)
    }

    /// The batch came to nothing: its sequences are given up, and it comes back without tokens.
    private mutating func fail() throws(Violation) {
        guard let batch = model.flight else { return }
        for slice in batch.slices {
            finish(slice.sequence)
        }
        try check(scheduler.abandonedBatch() == batch.id, "batch \(batch.id) is not abandoned")
        let told = scheduler.complete(batch: batch.id, drawn: [:])
        let expected = try model.complete(drawn: [:])
        try check(told?.map(\.progress) == expected, "told \(String(describing: told)), not \(expected)")
        directives.append(.end(batch.slices.map(\.sequence)))
    }

    /// A batch that is not in flight, or one without its tokens: nothing may change, which the next steps show.
    private mutating func answerWrongly() throws(Violation) {
        let flight = model.flight
        let other = (flight?.id ?? 0) + UInt64(random.int(1...3))
        try check(scheduler.complete(batch: other, drawn: [:]) == nil, "a stranger's batch was taken")
        guard let flight, flight.slices.contains(where: { $0.samples && !model.sequences[$0.sequence]!.givenUp }) else {
            return
        }
        try check(scheduler.complete(batch: flight.id, drawn: [:]) == nil, "taken without its tokens")
    }

    private mutating func losePipeline() throws(Violation) {
        let lost = scheduler.pipelineLost()
        let expected = model.loseAll()
        try check(lost == expected, "lost \(lost), not \(expected)")
        directives.append(.end(lost))
    }
}
