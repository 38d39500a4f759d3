import Synchronization

/// Measures the limits of this machine with all threads of a backend, for comparison with products.
///
/// Work is divided into parts as a product's is, so that a delayed thread costs both the same.
public final class MachineLimits {
    private let backend: Backend
    private let buffer: AlignedMemory
    /// Operands of the dot products.
    private let operands: AlignedMemory
    /// Bytes of the buffer in each part.
    private let pieceBytes: Int
    /// Keeps the compiler from removing the work.
    private let sink = Atomic<UInt64>(0)
    private let clock = ContinuousClock()

    private static let partsPerThread = 4
    /// Multiply-adds of a part: around a millisecond, compared with which the cost of distributing parts and waiting
    /// for the last is negligible.
    private static let multiplyAddsPerPart = (floats: 1 << 26, bytes: 1 << 28)

    private var parts: Int { backend.threadCount * Self.partsPerThread }

    /// Size in bytes of the buffer that is read to measure bandwidth.
    public var bufferBytes: Int { buffer.byteCount }

    /// Allocates a buffer of about `bufferBytes` and touches all of it. Throws
    /// ``KernelsError/outOfMemory(byteCount:purpose:)``.
    public init(backend: Backend, bufferBytes: Int) throws(KernelsError) {
        let parts = backend.threadCount * Self.partsPerThread
        let pieceBytes = max(1024, bufferBytes / parts / 1024 * 1024)
        let buffer = try AlignedMemory(
            floatCount: pieceBytes / 4 * parts, expectedDense: true, purpose: "measuring the bandwidth")
        operands = try AlignedMemory(floatCount: 256, expectedDense: true, purpose: "measuring dot products")
        let bytes = UnsafeMutableRawBufferPointer(start: operands.floats, count: operands.byteCount)
        for index in bytes.indices { bytes[index] = UInt8(index & 15) }
        (self.backend, self.pieceBytes, self.buffer) = (backend, pieceBytes, buffer)
        backend.team.run(parts) { part in
            let start = buffer.floats + part * pieceBytes / 4
            for index in 0..<pieceBytes / 4 { start[index] = Float(index + 1) }
        }
    }

    /// Bytes read from memory in a second, over one pass of the buffer.
    public func readBandwidth() -> Double {
        rate(pieceBytes, lasting: .zero) { [buffer, pieceBytes] kernels, part in
            kernels.readStream(UnsafeRawPointer(buffer.floats) + part * pieceBytes, count: pieceBytes)
        }
    }

    /// Operations on floats in a second (two for each multiply-add), all in registers, measured for at least
    /// `duration`.
    public func floatPeak(lasting duration: Duration) -> Double {
        let perRound = backend.kernels.multiplyAddsPerRound.floats
        let rounds = Self.multiplyAddsPerPart.floats / perRound
        return rate(2 * rounds * perRound, lasting: duration) { kernels, _ in
            UInt64(kernels.multiplyAddPeak(rounds: rounds, factor: 0.5).bitPattern)
        }
    }

    /// Operations on signed and unsigned bytes in a second (two for each multiply-add), all in registers, measured for
    /// at least `duration`.
    public func dotPeak(lasting duration: Duration) -> Double {
        let perRound = backend.kernels.multiplyAddsPerRound.bytes
        let rounds = Self.multiplyAddsPerPart.bytes / perRound
        return rate(2 * rounds * perRound, lasting: duration) { [operands] kernels, _ in
            UInt64(truncatingIfNeeded: kernels.dotPeak(rounds: rounds, operands: UnsafeRawPointer(operands.floats)))
        }
    }

    /// Units processed in a second, with `unitsPerPart` in each part: runs all parts once, and again until `duration`
    /// has passed.
    private func rate(
        _ unitsPerPart: Int, lasting duration: Duration,
        _ body: @escaping @Sendable (_ kernels: any KernelSet.Type, _ part: Int) -> UInt64
    ) -> Double {
        let kernels = backend.kernels
        let results = Mutex<UInt64>(0)
        var passes = 0
        let began = clock.now
        var time = Duration.zero
        repeat {
            backend.team.run(parts) { part in
                let result = body(kernels, part)
                results.withLock { $0 &+= result }
            }
            passes += 1
            time = clock.now - began
        } while time < duration
        sink.store(results.withLock { $0 }, ordering: .relaxed)
        return Double(unitsPerPart * parts * passes) / (time / .seconds(1))
    }
}
