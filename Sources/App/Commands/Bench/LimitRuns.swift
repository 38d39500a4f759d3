import Kernels

/// The machine's limits for a team of threads, measured again whenever they are asked for.
final class LimitRuns {
    private let limits: MachineLimits
    /// Whether memory left less for the buffer than was wanted; what is read may then come from a cache in part.
    let isBounded: Bool
    /// How long a run shall take at least.
    let duration: Duration

    /// Buffers are four times the last-level cache and at least a gigabyte, but no more than a quarter of memory.
    init(team: ThreadTeam, machine: Machine, quick: Bool) throws {
        let wanted = quick ? 1 << 24 : max(1 << 30, 4 * (machine.lastLevelCache ?? 0))
        let available = HostFacts.memoryBytes / 4
        isBounded = available < wanted
        limits = try MachineLimits(team: team, bufferBytes: min(wanted, available))
        duration = quick ? .milliseconds(1) : .milliseconds(50)
    }

    var bufferBytes: Int { limits.bufferBytes }

    func readBandwidth() -> Double { limits.readBandwidth() }
    func floatPeak() -> Double { limits.floatPeak(lasting: duration) }
    func dotPeak() -> Double { limits.dotPeak(lasting: duration) }

    /// Limits of work with weights of a type: quantized ones are multiplied as bytes, others as floats.
    func rates(_ type: PackedType) -> LimitRates {
        LimitRates(
            bytesPerSecond: readBandwidth(),
            operationsPerSecond: type.groupSize == nil ? floatPeak() : dotPeak())
    }
}
