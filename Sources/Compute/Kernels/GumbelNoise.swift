/// Noise for sampling by the Gumbel-max trick: a pure function of its arguments, independent of state, order and time.
public enum GumbelNoise {
    /// Separates these Philox words from other uses of the same seed: "gumb" in ASCII.
    package static let domain: UInt32 = 0x6775_6D62

    /// -log(-log(u)) for each token. u is uniform in (0, 1), made from 64 bits of Philox4x32-10 with the seed as key
    /// and (token, position, sequence index, domain) as counter. Both tails are accurate to Float's precision.
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

    /// The noise made from two 32-bit words, for tests of the tails.
    package static func noise(high: UInt32, low: UInt32) -> Float {
        Processor.kernels.gumbelNoise(high: high, low: low)
    }

    /// One block of Philox4x32-10, for tests against published values.
    package static func philox(
        counter: (UInt32, UInt32, UInt32, UInt32), key: UInt64
    ) -> (UInt32, UInt32, UInt32, UInt32) {
        Processor.kernels.philox4x32(counter: counter, key: key)
    }
}
