import Synchronization

/// Measures what this machine can do at most, with all threads of a team: what a product is compared with.
public final class MachineLimits {
    private let team: ThreadTeam
    private let buffer: AlignedMemory
    /// Keeps the compiler from leaving work out.
    private let sink = Atomic<UInt64>(0)
    private let clock = ContinuousClock()

    /// Size in bytes of the buffer that is read for the bandwidth.
    public var bufferBytes: Int { buffer.byteCount }

    /// Takes a buffer of so many bytes, a multiple of 1024 for each thread, and touches all of it. Throws
    /// ``KernelsError/outOfMemory(byteCount:purpose:)``.
    public init(team: ThreadTeam, bufferBytes: Int) throws(KernelsError) {
        self.team = team
        let share = max(1024, bufferBytes / team.threadCount / 1024 * 1024)
        buffer = try AlignedMemory(
            floatCount: share * team.threadCount / 4, expectedDense: true, purpose: "measuring the bandwidth")
        let buffer = buffer
        team.run(team.threadCount) { part in
            let start = buffer.floats + part * share / 4
            for index in 0..<share / 4 { start[index] = Float(index) }
        }
    }

    /// Bytes that are read from memory in a second, over one pass of the buffer.
    public func readBandwidth() -> Double {
        let share = bufferBytes / team.threadCount
        let seconds = measure { [buffer] kernels, part in
            kernels.readStream(UnsafeRawPointer(buffer.floats) + part * share, count: share)
        }
        return Double(bufferBytes) / seconds
    }

    /// Operations (two a multiply-add) on floats in a second, all in registers.
    public func floatPeak(rounds: Int) -> Double {
        let seconds = measure { kernels, _ in
            UInt64(kernels.multiplyAddPeak(rounds: rounds, factor: 0.5).bitPattern)
        }
        return Double(2 * rounds * team.kernels.multiplyAddsPerRound.floats * team.threadCount) / seconds
    }

    /// Operations (two a multiply-add) on signed and unsigned bytes in a second, all in registers.
    public func dotPeak(rounds: Int) -> Double {
        let seconds = measure { kernels, _ in
            UInt64(truncatingIfNeeded: kernels.dotPeak(rounds: rounds, factor: 3))
        }
        return Double(2 * rounds * team.kernels.multiplyAddsPerRound.bytes * team.threadCount) / seconds
    }

    /// Seconds until every thread has done its part.
    private func measure(_ body: @escaping @Sendable (any KernelSet.Type, Int) -> UInt64) -> Double {
        let kernels = team.kernels
        let results = Mutex<UInt64>(0)
        let time = clock.measure {
            team.run(team.threadCount) { part in
                let result = body(kernels, part)
                results.withLock { $0 &+= result }
            }
        }
        sink.store(results.withLock { $0 }, ordering: .relaxed)
        return time / .seconds(1)
    }
}
