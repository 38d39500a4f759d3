import Messages
import Scheduling

extension RequestEngine {
    /// The next batch to send down a pipeline, if any.
    public mutating func nextBatch(pipeline: Int = 0) -> Batch? {
        submitWindows()
        guard let batch = scheduler.nextBatch(pipeline: pipeline) else { return nil }
        return Batch(
            batchID: batch.id, slices: batch.slices.map(wireSlice),
            copies: batch.copies.map { BlockCopy(from: $0.from, to: $0.to) })
    }

    /// Puts windows of long texts into the queue, as far as it has room; the others are tried again with the next batch.
    private mutating func submitWindows() {
        guard scheduler.hasPipeline else { return }
        for key in hungry.sorted(by: { (active[$0]?.begun ?? 0, $0) < (active[$1]?.begun ?? 0, $1) }) {
            guard case .scoring(var request) = active[key]?.work else {
                hungry.remove(key)
                continue
            }
            let client = clientNumber(key.client)
            let room = scheduler.waitingRoom(of: client)
            var last = lastSequenceID
            let sequences = request.nextSequences(room: room, client: client) {
                last += 1
                return last
            }
            // A window is never longer than the context, for which every pipeline has blocks.
            guard (try? scheduler.submit(sequences)) != nil else { continue }
            lastSequenceID = last
            for sequence in sequences { owners[sequence.id] = key }
            active[key]?.work = .scoring(request)
            if sequences.count < room { hungry.remove(key) }
        }
    }

    private func wireSlice(_ slice: ScheduledSlice) -> Slice {
        var wire = Slice(
            sequenceID: slice.sequence, index: 0, start: UInt32(slice.start), tokens: slice.tokens,
            blockTable: slice.blockTable)
        switch owners[slice.sequence].flatMap({ active[$0] })?.work {
        case .generation(let request):
            if let place = request.index(of: slice.sequence) { wire.index = request.sequences[place].index }
            wire.sample = slice.samples ? request.output(for: slice.sequence) : nil
        case .scoring(let request):
            wire.score = request.output(for: slice)
        case nil:
            break
        }
        return wire
    }

    /// What came back from the last stage of a pipeline. Returns nil, and changes nothing, where it is no answer to the
    /// oldest batch that the pipeline has under way. `now` is in milliseconds.
    public mutating func complete(_ result: BatchResult, now: Double = 0) -> [RequestAction]? {
        guard let batch = scheduler.flight(result.batchID), scheduler.isOldest(batch) else { return nil }
        var byID: [SequenceID: SequenceResult] = [:]
        for sequence in result.sequences { byID[sequence.sequenceID] = sequence }
        guard result.error != nil || isAnswered(batch, by: byID, isHusk: result.cancelled) else { return nil }
        abandonedBatches.insert(result.batchID)
        var directives = endFailed(batch, result, byID)
        abandonedBatches.remove(result.batchID)
        let outcome = BatchOutcome(
            batch: result.batchID, drawn: byID.compactMapValues { $0.sampled?.token },
            isFailed: result.error != nil || result.cancelled, stageMilliseconds: result.stageMilliseconds)
        guard let steps = scheduler.complete(outcome, now: now) else { return nil }
        for key in take(steps, byID, now: now) { directives += flush(key) }
        return directives
    }

    /// Whether each sequence of the batch that is still wanted got what it asked for: a token of the vocabulary, a score
    /// for each of its rows, or an error.
    private func isAnswered(
        _ batch: ScheduledBatch, by results: [SequenceID: SequenceResult], isHusk: Bool
    ) -> Bool {
        for slice in batch.slices where owners[slice.sequence] != nil {
            if isHusk { return false }
            let result = results[slice.sequence]
            if result?.error != nil { continue }
            if slice.samples {
                guard let token = result?.sampled?.token, token >= 0, token < model.vocabularySize else { return false }
            }
            guard (result?.scores.count ?? 0) == (slice.scoredRows?.count ?? 0) else { return false }
        }
        return true
    }

    /// Ends the requests that the batch failed.
    private mutating func endFailed(
        _ batch: ScheduledBatch, _ result: BatchResult, _ results: [SequenceID: SequenceResult]
    ) -> [RequestAction] {
        var directives: [RequestAction] = []
        for slice in batch.slices {
            guard let key = owners[slice.sequence] else { continue }
            if let error = result.error {
                directives += end(key, with: Refusal(code: .internal, message: error))
            } else if let error = results[slice.sequence]?.error {
                directives += end(key, with: .badRequest(error))
            }
        }
        return directives
    }

    /// Hands each step to its request; returns the requests that have something new.
    private mutating func take(
        _ steps: [SequenceStep], _ results: [SequenceID: SequenceResult], now: Double
    ) -> [RequestKey] {
        var touched: [RequestKey] = []
        for step in steps {
            guard let key = owners[step.sequence], var request = active[key] else { continue }
            if request.take(step.progress, of: step.sequence, result: results[step.sequence]) {
                scheduler.finish(step.sequence)
            }
            if step.progress.isDrawn {
                generatedTokens += 1
                request.noteToken(now: now)
            }
            active[key] = request
            if touched.last != key { touched.append(key) }
        }
        return touched
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

extension RequestPriority {
    var scheduled: SequencePriority {
        switch self {
        case .low: .low
        case .normal: .normal
        case .high: .high
        }
    }
}
