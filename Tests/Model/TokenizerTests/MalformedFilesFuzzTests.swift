import TestSupport
import Testing
import Tokenizer

@Suite("Random damage to the tokenizer's files")
struct MalformedFilesFuzzTests {
    private static let source = TokenizerSource(
        merges: [("t", "h"), ("Ġ", "th"), ("th", "e"), ("Ġth", "e"), ("i", "n"), ("in", "g"), ("Ã", "©")],
        otherKeys: ["<|endoftext|>", "<é 🙂>"])

    private static func damage(_ file: inout [UInt8], using generator: inout SplitMix64) {
        let fragments = [
            "\"", "{", "}", ":", ",", "\\", "\\u", "\\ud800", "-", "99999999999999999999", " ", "\n", "\r", "Ġ",
        ]
        let position = Int.random(in: 0...file.count, using: &generator)
        let end = min(file.count, position + Int.random(in: 0...6, using: &generator))
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: file.removeSubrange(position...)
        case 1: file.removeSubrange(position..<end)
        case 2: file.insert(contentsOf: fragments.randomElement(using: &generator)!.utf8, at: position)
        case 3: file.insert(UInt8.random(in: 0...255, using: &generator), at: position)
        case 4: file.insert(contentsOf: file[position..<end], at: Int.random(in: 0...file.count, using: &generator))
        default:
            if position < file.count { file[position] ^= 1 << UInt8.random(in: 0..<8, using: &generator) }
        }
    }

    @Test("ends in an error of one line or in a tokenizer that works", arguments: 0..<8 as Range<UInt64>)
    func damagedFiles(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        let text = "the thing in the café 🙂 <|endoftext|>"
        for _ in 0..<150 {
            var vocabulary = Self.source.vocabularyFile
            var merges = Self.source.mergesFile
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                if Bool.random(using: &generator) {
                    Self.damage(&vocabulary, using: &generator)
                } else {
                    Self.damage(&merges, using: &generator)
                }
            }
            do {
                let tokenizer = try BytePairTokenizer(vocabulary: vocabulary, merges: merges)
                #expect(try tokenizer.decode(tokenizer.encode(text)) == text, "seed \(seed)")
            } catch {
                #expect(!error.description.contains { $0.isNewline }, "seed \(seed): \(error)")
                #expect(error.description.hasPrefix("vocab.json") || error.description.hasPrefix("merges.txt"))
            }
        }
    }
}
