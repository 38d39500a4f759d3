import TestSupport
import Testing
import Tokenizer

@Suite("Random damage to each kind of a tokenizer's files")
struct DamagedFormsFuzzTests {
    /// A form whose folder has the file.
    private static let forms = [
        ("tokenizer.json", "a token before and one behind"), ("tokenizer.json", "all flags of added tokens"),
        ("vocab.json", "vocab.json with gaps"), ("merges.txt", "vocabulary and merges"),
        ("added_tokens.json", "added_tokens.json and special_tokens_map.json"),
        ("special_tokens_map.json", "special_tokens_map.json alone, with flags"),
        ("tokenizer_config.json", "flags changed by added_tokens_decoder"),
        ("tokenizer_config.json", "special tokens as objects"),
    ]

    private static let fragments = [
        "\"", "{", "}", "[", "]", ":", ",", "\\u", "\\ud800", "-", "1e999", "99999999999999999999", "0.5", "null",
        "true",
        "{}", "[]", "\"\"", " ", "\n", "Ġ", "-1", "4294967296", "1048575", "NaN",
    ]

    private static func damage(_ file: inout [UInt8], using generator: inout SplitMix64) {
        let position = Int.random(in: 0...file.count, using: &generator)
        let end = min(file.count, position + Int.random(in: 0...40, using: &generator))
        switch Int.random(in: 0..<7, using: &generator) {
        case 0: file.removeSubrange(position...)
        case 1: file.removeSubrange(position..<end)
        case 2: file.insert(contentsOf: fragments.randomElement(using: &generator)!.utf8, at: position)
        case 3: file.insert(contentsOf: file[position..<end], at: Int.random(in: 0...file.count, using: &generator))
        case 4: file.replaceSubrange(position..<end, with: fragments.randomElement(using: &generator)!.utf8)
        case 5: file.insert(UInt8.random(in: 0...255, using: &generator), at: position)
        default:
            if position < file.count { file[position] ^= 1 << UInt8.random(in: 0..<8, using: &generator) }
        }
    }

    @Test("ends in an error of one line or in a tokenizer that works", arguments: forms)
    func damagedFiles(name: String, form: String) throws {
        let files = TokenizerForm.named(form).files
        let whole = Array(try #require(files[name]).utf8)
        let folder = try TokenizerFolder(files)
        var generator = SplitMix64(seed: TestSeed.value)
        let text = Array("the king <|user|> zorb 🙂 <|mask|> <|endoftext|>".utf8)
        for round in 0..<1_000 {
            var damaged = whole
            for _ in 0..<Int.random(in: 1...3, using: &generator) { Self.damage(&damaged, using: &generator) }
            try folder.write(damaged, to: name)
            let place = "seed \(TestSeed.value), round \(round) of \(name)"
            do {
                let tokenizer = try folder.tokenizer()
                #expect(tokenizer.identity.count == 32)
                for token in tokenizer.encode(utf8: text, specialTokens: true) {
                    #expect(token >= 0, "\(place)")
                    _ = tokenizer.bytes(of: token)
                }
                _ = tokenizer.idsWithoutText(below: tokenizer.vocabularySize)
            } catch {
                let isOneLine = !error.description.contains { $0.isNewline } && error.description.count < 600
                #expect(isOneLine, "\(place): \(error)")
            }
        }
    }
}
