/// What a piece of work costs at least: bytes that memory has to deliver, and operations.
struct WorkCost: Equatable {
    var bytes: Double
    var operations: Double

    /// The least seconds it can take under these limits.
    func seconds(_ limits: LimitRates) -> Double {
        max(bytes / limits.bytesPerSecond, operations / limits.operationsPerSecond)
    }
}

/// What the machine does in a second at most.
struct LimitRates: Equatable {
    var bytesPerSecond: Double
    var operationsPerSecond: Double

    /// Midway between two measurements.
    func mean(_ other: LimitRates) -> LimitRates {
        LimitRates(
            bytesPerSecond: (bytesPerSecond + other.bytesPerSecond) / 2,
            operationsPerSecond: (operationsPerSecond + other.operationsPerSecond) / 2)
    }
}

/// Work measured in turn with the machine's limits.
struct PairedRuns {
    /// Median seconds of the work.
    let seconds: Double
    /// Median of the shares of the limit, each against the limits just before and after.
    let share: Double
    /// Median of the limits.
    let limits: LimitRates

    /// Runs `limits` and `work` in turn, which returns the seconds it took; the first run of the work does not count.
    init(
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

/// The middle value, the mean of the middle two where their number is even; 0 of none.
func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return 0 }
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
}
