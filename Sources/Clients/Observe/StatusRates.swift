import Messages

/// What a cluster does now: rates from the differences between one status and the next.
package struct StatusRates {
    /// Of a stage, between the last two heartbeats of its worker.
    package struct Stage: Equatable {
        /// Shares of the time, from 0 to 1.
        package var busy: Double
        package var waiting: Double?
        /// nil where no batch came.
        package var millisecondsPerBatch: Double?
        /// Rows of batches: one is a token of a prompt, or a sampled token.
        package var tokensPerSecond: Double
        package var sentBytesPerSecond: Double?
        package var receivedBytesPerSecond: Double?
    }

    private struct Sample {
        var statistics: Statistics
        var microseconds: UInt64
        var rates: Stage?
    }

    private struct Key: Hashable {
        var name: String
        var endpoint: String
    }

    private var samples: [Key: Sample] = [:]
    private var last: (milliseconds: UInt64, tokens: UInt64)?
    /// Tokens written by the whole cluster; nil before the second status.
    package private(set) var tokensPerSecond: Double?

    package init() {}

    /// The next status.
    package mutating func update(_ status: Status) {
        if let last, status.uptimeMilliseconds > last.milliseconds, status.generatedTokens >= last.tokens {
            tokensPerSecond =
                Double(status.generatedTokens - last.tokens) * 1_000
                / Double(status.uptimeMilliseconds - last.milliseconds)
        } else {
            tokensPerSecond = nil
        }
        last = (status.uptimeMilliseconds, status.generatedTokens)
        var present: [Key: Sample] = [:]
        for worker in status.workers {
            guard let statistics = worker.statistics else { continue }
            // A coordinator that does not know the worker's clock: its own has to do.
            let now = worker.clockMicroseconds ?? status.uptimeMilliseconds &* 1_000
            let key = Key(name: worker.name, endpoint: worker.dataEndpoint)
            present[key] = Self.next(samples[key], statistics, now)
        }
        samples = present
    }

    /// nil before a worker's second heartbeat of the epoch, and for one without a stage.
    package func stage(of worker: WorkerStatus) -> Stage? {
        samples[Key(name: worker.name, endpoint: worker.dataEndpoint)]?.rates
    }

    private static func next(_ sample: Sample?, _ statistics: Statistics, _ now: UInt64) -> Sample {
        guard let sample else { return Sample(statistics: statistics, microseconds: now) }
        // The same heartbeat again: what it told still holds.
        if sample.statistics == statistics { return sample }
        return Sample(
            statistics: statistics, microseconds: now,
            rates: rates(from: sample.statistics, to: statistics, sample.microseconds, now))
    }

    /// nil where the sums began anew in between.
    private static func rates(from old: Statistics, to new: Statistics, _ then: UInt64, _ now: UInt64) -> Stage? {
        guard now > then, new.batches >= old.batches, new.rows >= old.rows,
            new.busyMicroseconds >= old.busyMicroseconds
        else { return nil }
        let elapsed = Double(now - then)
        let busy = Double(new.busyMicroseconds - old.busyMicroseconds)
        let batches = new.batches - old.batches
        return Stage(
            busy: min(1, busy / elapsed),
            waiting: difference(old.waitingMicroseconds, new.waitingMicroseconds).map { min(1, $0 / elapsed) },
            millisecondsPerBatch: batches == 0 ? nil : busy / 1_000 / Double(batches),
            tokensPerSecond: Double(new.rows - old.rows) * 1e6 / elapsed,
            sentBytesPerSecond: difference(old.sentBytes, new.sentBytes).map { $0 * 1e6 / elapsed },
            receivedBytesPerSecond: difference(old.receivedBytes, new.receivedBytes).map { $0 * 1e6 / elapsed })
    }

    private static func difference(_ old: UInt64?, _ new: UInt64?) -> Double? {
        guard let old, let new, new >= old else { return nil }
        return Double(new - old)
    }
}
