import Messages
import Scheduling

/// A result, held against the batch that it answers.
struct BatchAnswers {
    let bySequence: [SequenceID: SequenceResult]
    private let result: BatchResult

    init(_ result: BatchResult) {
        self.result = result
        bySequence = Dictionary(result.sequences.map { ($0.sequenceID, $0) }, uniquingKeysWith: { $1 })
    }

    /// Whether each slice whose sequence is `wanted` got what it asked for: a token of the vocabulary, a score for each
    /// of its rows, or an error.
    func areComplete(
        for batch: ScheduledBatch, vocabularySize: Int, wanted: (SequenceID) -> Bool
    ) -> Bool {
        if result.error != nil { return true }
        return batch.slices.allSatisfy { slice in
            guard wanted(slice.sequence) else { return true }
            if result.cancelled { return false }
            let answer = bySequence[slice.sequence]
            if answer?.error != nil { return true }
            if slice.samples {
                guard let token = answer?.sampled?.token, token >= 0, token < vocabularySize else { return false }
            }
            return (answer?.scores.count ?? 0) == (slice.scoredRows?.count ?? 0)
        }
    }

    /// Why a sequence failed in the batch; nil where it did not.
    func refusal(of sequence: SequenceID) -> Refusal? {
        if let error = result.error { return Refusal(code: .internal, message: error) }
        return bySequence[sequence]?.error.map { .badRequest($0) }
    }

    /// What the scheduler has to know.
    var outcome: BatchOutcome {
        BatchOutcome(
            batch: result.batchID, sampled: bySequence.compactMapValues { $0.sampled?.token },
            isFailed: result.error != nil || result.cancelled, stageMilliseconds: result.stageMilliseconds)
    }
}

extension BatchResult {
    /// What the batch took each stage, by its own clock; empty where a stage does not say.
    var stageMilliseconds: [Double] {
        let sorted = timings.sorted { $0.stage < $1.stage }
        guard sorted.indices.allSatisfy({ sorted[$0].stage == UInt32($0) }) else { return [] }
        return sorted.map { Double($0.endedMicroseconds - min($0.startedMicroseconds, $0.endedMicroseconds)) / 1_000 }
    }
}
