import TestSupport
import Testing
import Tokenizer

@Suite("Merging")
struct MergingTests {
    /// The definition, step by step: of all neighbours that have a merge join those with the lowest rank, the leftmost
    /// of them first.
    private static func mergeByDefinition(_ word: String, _ merges: [(String, String)]) -> [String] {
        var symbols = word.map { String($0) }
        while true {
            let candidates = symbols.indices.dropLast().compactMap { index in
                merges.firstIndex { $0 == (symbols[index], symbols[index + 1]) }.map { (rank: $0, index: index) }
            }
            guard let first = candidates.min(by: { ($0.rank, $0.index) < ($1.rank, $1.index) }) else { return symbols }
            symbols[first.index...first.index + 1] = [symbols[first.index] + symbols[first.index + 1]]
        }
    }

    /// Merges in no sensible order, many of which make the same token in different ways.
    private static func randomMerges(using generator: inout SplitMix64) -> [(String, String)] {
        var keys = ["a", "b", "c"]
        var merges: [(String, String)] = []
        for _ in 0..<Int.random(in: 1...30, using: &generator) {
            let pair = (keys.randomElement(using: &generator)!, keys.randomElement(using: &generator)!)
            if pair.0.count + pair.1.count > 12 || merges.contains(where: { $0 == pair }) { continue }
            merges.append(pair)
            keys.append(pair.0 + pair.1)
        }
        return merges.shuffled(using: &generator)
    }

    @Test(
        "joins the same neighbours as the definition, in short words and long ones", arguments: 0..<8 as Range<UInt64>)
    func definition(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        for _ in 0..<12 {
            let merges = Self.randomMerges(using: &generator)
            let source = TokenizerSource(merges: merges)
            let tokenizer = try source.tokenizer()
            for length in [1, 2, 3, 7, 20, 47, 48, 49, 50, 120] {
                let alphabet = Array("abc".prefix(Int.random(in: 1...3, using: &generator)))
                let word = String((0..<length).map { _ in alphabet.randomElement(using: &generator)! })
                let symbols = tokenizer.encode(word).map { source.keys[Int($0)] }
                #expect(symbols == Self.mergeByDefinition(word, merges), "seed \(seed), \(word), merges \(merges)")
            }
        }
    }

    @Test("no merge reaches across the pieces of a text")
    func pieces() throws {
        let tokenizer = try TokenizerSource(merges: [("a", "1"), ("a", "Ġ"), ("Ġ", "a"), ("!", "a")]).tokenizer()
        #expect(tokenizer.encode("a1") == [0x61, 0x31])
        #expect(tokenizer.encode("a a") == [0x61, 258])
        #expect(tokenizer.encode("!a") == [0x21, 0x61])
    }
}
