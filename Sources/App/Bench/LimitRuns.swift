import Kernels
import Observe

/// The machine's limits for a number of threads, measured again whenever they are asked for.
package final class LimitRuns {
    private let limits: MachineLimits
    /// Whether memory left less for the buffer than was wanted; what is read may then come from a cache in part.
    package let isBounded: Bool
    /// How long a run shall take at least.
    package let duration: Duration

    /// Buffers are four times the last-level cache and at least a gigabyte, but no more than a quarter of memory.
    package init(backend: Backend, machine: Machine, quick: Bool) throws {
        let wanted = quick ? 1 << 24 : max(1 << 30, 4 * (machine.lastLevelCache ?? 0))
        let available = HostFacts.memoryBytes / 4
        isBounded = available < wanted
        limits = try MachineLimits(backend: backend, bufferBytes: min(wanted, available))
        duration = quick ? .milliseconds(1) : .milliseconds(50)
    }

    package var bufferBytes: Int { limits.bufferBytes }

    package func readBandwidth() -> Double { limits.readBandwidth() }
    package func floatPeak() -> Double { limits.floatPeak(lasting: duration) }
    package func dotPeak() -> Double { limits.dotPeak(lasting: duration) }

    /// Limits of work with weights of a type: quantized ones are multiplied as bytes, others as floats.
    package func rates(_ type: PackedType) -> LimitRates {
        LimitRates(
            bytesPerSecond: readBandwidth(),
            operationsPerSecond: type.groupSize == nil ? floatPeak() : dotPeak())
    }
}
