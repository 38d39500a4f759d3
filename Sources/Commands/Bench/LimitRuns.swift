import Kernels

/// The machine's limits for a team of threads, measured again whenever they are asked for.
final class LimitRuns {
    private let limits: MachineLimits
    private let rounds: Int

    /// Buffers are four times the last-level cache and at least a gigabyte, but no more than a quarter of memory.
    init(team: ThreadTeam, machine: Machine, quick: Bool) throws {
        let wanted = max(1 << 30, 4 * (machine.lastLevelCache ?? 0))
        limits = try MachineLimits(team: team, bufferBytes: quick ? 1 << 24 : min(wanted, HostFacts.memoryBytes / 4))
        rounds = quick ? 1_000 : 2_000_000
    }

    var bufferBytes: Int { limits.bufferBytes }

    func readBandwidth() -> Double { limits.readBandwidth() }
    func floatPeak() -> Double { limits.floatPeak(rounds: rounds) }
    /// A round is four times as much as one of floats, and takes as long.
    func dotPeak() -> Double { limits.dotPeak(rounds: rounds) }

    /// Limits of work with weights of a type: quantized ones are multiplied as bytes, others as floats.
    func rates(_ type: PackedType) -> LimitRates {
        LimitRates(
            bytesPerSecond: readBandwidth(),
            operationsPerSecond: type.groupSize == nil ? floatPeak() : dotPeak())
    }
}
