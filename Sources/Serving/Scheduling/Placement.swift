/// Decides, while waiting sequences are started, which of them may start, in which pipeline, and who has to give up
/// blocks for one that finds none.
struct Placement {
    /// Sequences that each client runs.
    private(set) var running: [ClientNumber: Int] = [:]
    /// Groups whose common prompt is being run.
    private var leading: Set<UInt64> = []

    init(_ pipelines: [ScheduledPipeline]) {
        for pipeline in pipelines {
            for sequence in pipeline.running.all {
                running[sequence.state.client, default: 0] += 1
                if sequence.isLeading, let group = sequence.state.request.group { leading.insert(group) }
            }
        }
    }

    /// False while another sequence of its group runs the prompt that they share: it would run the same once more. A
    /// prompt that fits into one block is not worth the wait.
    func mayStart(_ sequence: SequenceState) -> Bool {
        guard let group = sequence.request.group, leading.contains(group) else { return true }
        return sequence.generatedCount > 0 || sequence.promptCount <= BlockPool.positionsPerBlock
    }

    /// The pipelines in the order in which a sequence tries them: where it has least to wait for comes first.
    func order(for sequence: SequenceState, among pipelines: [ScheduledPipeline]) -> [Int] {
        pipelines.indices.map { index in
            let table = pipelines[index].running
            let cached = table.pool.prefix(of: sequence.tokens, limit: sequence.reusable).positions
            let unsent = table.all.reduce(0) { $0 + $1.unsent + 1 }
            return (index, work: unsent + sequence.tokens.count - cached)
        }.sorted { $0.work < $1.work }.map(\.0)
    }

    /// A sequence has started.
    mutating func started(_ sequence: RunningSequence) {
        running[sequence.state.client, default: 0] += 1
        if sequence.isLeading, let group = sequence.state.request.group { leading.insert(group) }
    }

    /// The sequence that has to give up its blocks for one that waits: one of the same client with a lower priority, or one
    /// of a client that still runs more sequences without it. Nil if there is none, or blocks are on their way back.
    func victim(
        for waiting: SequenceState, among pipelines: [ScheduledPipeline]
    ) -> (pipeline: Int, sequence: SequenceID)? {
        let mine = running[waiting.client] ?? 0
        var victim: (pipeline: Int, sequence: SequenceState)?
        for (index, pipeline) in pipelines.enumerated() {
            for sequence in pipeline.running.all {
                if sequence.isLeaving { return nil }
                let other = sequence.state
                let mustYield =
                    other.client == waiting.client
                    ? other.priority < waiting.priority
                    : (running[other.client] ?? 0) >= mine + 2 && other.priority <= waiting.priority
                guard mustYield, victim.map({ other.isPreempted(before: $0.sequence) }) ?? true else { continue }
                victim = (index, other)
            }
        }
        return victim.map { ($0.pipeline, $0.sequence.id) }
    }
}
