import TestSupport

extension SplitMix64 {
    /// Mostly one of the small numbers that mean something, now and then one that means nothing.
    mutating func oddNumber(_ usual: ClosedRange<Int>) -> UInt32 {
        if chance(85) { return UInt32(int(usual)) }
        return [0, 1, 15, 16, 17, 511, 512, 8_191, 8_192, 1 << 31, .max - 1, .max][int(0...11)]
    }
}
