/// Tokens of a vocabulary that are never to be sampled, but not all of them.
public struct TokenSet: Sendable, Equatable {
    public let vocabularySize: Int
    /// All tokens but those of the set, ascending.
    let others: [Int32]

    /// How many tokens are in the set.
    public var count: Int { vocabularySize - others.count }

    /// - Parameter bits: bit i % 8 of byte i / 8 says whether token i is in the set.
    /// - Throws: ``SamplingError/tokenSet(reason:)`` where there are not so many bits as tokens, up to the last byte's end,
    ///   where a bit past the vocabulary is set, or where no token is left.
    public init(bits: [UInt8], vocabularySize: Int) throws(SamplingError) {
        guard vocabularySize > 0, vocabularySize <= Int(Int32.max), bits.count == (vocabularySize - 1) / 8 + 1 else {
            throw .tokenSet(reason: "\(bits.count) bytes of bits are not those of \(vocabularySize) tokens")
        }
        let past = vocabularySize % 8 == 0 ? 0 : bits[bits.count - 1] >> UInt8(vocabularySize % 8)
        guard past == 0 else { throw .tokenSet(reason: "a bit past token \(vocabularySize - 1) is set") }
        others = (0..<Int32(vocabularySize)).filter { bits[Int($0 / 8)] >> UInt8($0 % 8) & 1 == 0 }
        guard !others.isEmpty else { throw .tokenSet(reason: "no token is left to sample") }
        self.vocabularySize = vocabularySize
    }
}
