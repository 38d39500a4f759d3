import Observe

/// What a piece of work costs at least: bytes that memory has to deliver, and operations.
package struct WorkCost: Equatable {
    package var bytes: Double
    package var operations: Double

    package init(bytes: Double, operations: Double) { (self.bytes, self.operations) = (bytes, operations) }

    /// The least seconds it can take under these limits.
    package func seconds(_ limits: LimitRates) -> Double {
        max(bytes / limits.bytesPerSecond, operations / limits.operationsPerSecond)
    }
}

/// What the machine does in a second at most.
package struct LimitRates: Equatable {
    package var bytesPerSecond: Double
    package var operationsPerSecond: Double

    package init(bytesPerSecond: Double, operationsPerSecond: Double) {
        (self.bytesPerSecond, self.operationsPerSecond) = (bytesPerSecond, operationsPerSecond)
    }

    /// Midway between two measurements.
    func mean(_ other: LimitRates) -> LimitRates {
        LimitRates(
            bytesPerSecond: (bytesPerSecond + other.bytesPerSecond) / 2,
            operationsPerSecond: (operationsPerSecond + other.operationsPerSecond) / 2)
    }
}

/// Work measured in turn with the machine's limits.
package struct PairedRuns {
    /// Median seconds of the work.
    package let seconds: Double
    /// Median of the shares of the limit, each against the limits just before and after.
    package let share: Double
    /// Median of the limits.
    package let limits: LimitRates

    /// Runs `limits` and `work` in turn, which returns the seconds it took; the first run of the work does not count.
    package init(
        runs: Int, cost: WorkCost, limits: () throws -> LimitRates, work: () throws -> Double
    ) rethrows {
        _ = try work()
        var before = try limits()
        var measured: [(seconds: Double, share: Double, limits: LimitRates)] = []
        for _ in 0..<runs {
            let seconds = try work()
            let after = try limits()
            let around = before.mean(after)
            measured.append((seconds, cost.seconds(around) / seconds, around))
            before = after
        }
        seconds = median(measured.map(\.seconds))
        share = median(measured.map(\.share))
        self.limits = LimitRates(
            bytesPerSecond: median(measured.map(\.limits.bytesPerSecond)),
            operationsPerSecond: median(measured.map(\.limits.operationsPerSecond)))
    }
}
