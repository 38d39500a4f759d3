/// Which token is sampled: with the seed and a token id it determines the noise.
public struct SamplePosition: Sendable, Hashable {
    /// Index of the sequence in its request.
    public var sequenceIndex: UInt32
    /// Index of the token in its sequence, prompt included.
    public var position: UInt32

    public init(sequenceIndex: UInt32, position: UInt32) {
        (self.sequenceIndex, self.position) = (sequenceIndex, position)
    }
}
