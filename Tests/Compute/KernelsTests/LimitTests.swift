import Kernels
import TestSupport
import Testing

/// What the machine's limits are measured with does the work it is credited with.
@Suite("Limits of the machine", .serialized)
struct LimitTests {
    private let seed = TestSeed.value

    @Test("reading sees every byte", arguments: InstructionSet.supported)
    func reading(instructionSet: InstructionSet) {
        var random = SplitMix64(seed: seed)
        var bytes = [UInt8](repeating: 0, count: 4096)
        func read() -> UInt64 {
            bytes.withUnsafeBytes { instructionSet.kernels.readStream($0.baseAddress!, count: $0.count) }
        }
        #expect(read() == 0)
        for _ in 0..<200 {
            let index = random.int(0...4095)
            bytes[index] = 1
            #expect(read() == 1 << UInt64(index % 8 * 8), "byte \(index), seed \(seed)")
            bytes[index] = 0
        }
    }

    @Test("every multiply-add of floats is done", arguments: InstructionSet.supported)
    func floats(instructionSet: InstructionSet) {
        let kernels = instructionSet.kernels
        for rounds in [0, 1, 7, 100] {
            // Each lane of each chain begins at a half and gains a quarter a round: exact.
            let expected = Float(kernels.multiplyAddsPerRound.floats) * (0.5 + 0.25 * Float(rounds))
            #expect(kernels.multiplyAddPeak(rounds: rounds, factor: 0.5) == expected)
        }
    }

    @Test("every product of bytes is added up", arguments: InstructionSet.supported)
    func bytes(instructionSet: InstructionSet) {
        var random = SplitMix64(seed: seed)
        let kernels = instructionSet.kernels
        let operands = (0..<1024).map { UInt8(random.int(0...($0 < 768 ? 15 : 255))) }
        for rounds in [0, 1, 63, 64, 130] {
            let found = operands.withUnsafeBytes { kernels.dotPeak(rounds: rounds, operands: $0.baseAddress!) }
            var expected: Int32 = 0
            for round in 0..<rounds {
                for index in 0..<kernels.multiplyAddsPerRound.bytes {
                    let activation = Int8(bitPattern: operands[768 + round % 64 * 4 + index % 4])
                    expected &+= Int32(operands[index]) * Int32(activation)
                }
            }
            #expect(found == expected, "\(rounds) rounds, seed \(seed)")
        }
    }

    @Test("rates are positive on any number of threads, and the buffer is about as large as was asked for")
    func rates() throws {
        for threads in 1...3 {
            let limits = try MachineLimits(backend: try Backend(threadCount: threads), bufferBytes: 1 << 20)
            #expect((1 << 20) - limits.bufferBytes < 1024 * 4 * threads && limits.bufferBytes <= 1 << 20)
            for rate in [
                limits.readBandwidth(), limits.floatPeak(lasting: .zero), limits.dotPeak(lasting: .milliseconds(1)),
            ] {
                #expect(rate > 0 && rate.isFinite)
            }
        }
    }
}
