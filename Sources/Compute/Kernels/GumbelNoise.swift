/// Noise for sampling by the Gumbel-max trick, a pure function of what it is for: no state, no order, no clock.
public enum GumbelNoise {
    /// Sets these words of Philox apart from any other use of the same seed: "gumb" in ASCII.
    package static let domain: UInt32 = 0x6775_6D62

    /// -log(-log(u)) for each token, u being uniform in (0, 1) and made of 64 bits of Philox4x32-10 with the seed as
    /// key and (token, position, sequence index, domain) as counter. Both tails are right to Float's precision.
    public static func values(
        tokens: Span<Int32>, seed: UInt64, sequenceIndex: UInt32, position: UInt32
    ) -> [Float] {
        let count = tokens.count
        return [Float](unsafeUninitializedCapacity: count) { output, initializedCount in
            tokens.withUnsafeBufferPointer { input in
                if let source = input.baseAddress, let destination = output.baseAddress {
                    Processor.kernels.gumbelNoise(
                        tokens: source, destination, count: count, key: seed,
                        counter: (position, sequenceIndex, domain))
                }
            }
            initializedCount = count
        }
    }

    /// The noise made of two words of 32 bits, for checks of the tails.
    package static func noise(high: UInt32, low: UInt32) -> Float {
        Processor.kernels.gumbelNoise(high: high, low: low)
    }

    /// One block of Philox4x32-10, for checks against published values.
    package static func philox(
        counter: (UInt32, UInt32, UInt32, UInt32), key: UInt64
    ) -> (UInt32, UInt32, UInt32, UInt32) {
        Processor.kernels.philox4x32(counter: counter, key: key)
    }
}
