import Foundation
import Testing
import Tokenizer

@Suite("Malformed tokenizer files end in one clear line")
struct MalformedFilesTests {
    private static let good = TokenizerSource(merges: [("a", "b"), ("ab", "c")], otherKeys: ["<|endoftext|>"])

    /// The error line of a vocab.json, or of the good one with one text replaced by another.
    private static func error(vocabulary: String) -> String? {
        error(Array(vocabulary.utf8), good.mergesFile)
    }

    private static func error(replacing old: String, with new: String) -> String? {
        let vocabulary = String(decoding: good.vocabularyFile, as: UTF8.self)
        return error(vocabulary: vocabulary.replacingOccurrences(of: old, with: new))
    }

    private static func error(merges: String) -> String? {
        error(good.vocabularyFile, Array(merges.utf8))
    }

    private static func error(_ vocabulary: [UInt8], _ merges: [UInt8]) -> String? {
        do {
            _ = try BytePairTokenizer(vocabulary: vocabulary, merges: merges)
            return nil
        } catch {
            return error.description
        }
    }

    @Test("files that are right load, with \\r\\n too, and with white space and escapes in any place")
    func rightFiles() {
        #expect(Self.error(Self.good.vocabularyFile, Self.good.mergesFile) == nil)
        #expect(Self.error(merges: "a b\r\nab c") == nil)
        #expect(Self.error(replacing: "\"ab\": 256, ", with: "\r\n\t\"\\u0061b\" :\n256 , ") == nil)
        #expect(Self.error(replacing: "\"<|endoftext|>\"", with: #""<\ud83d\uDE00\/\b\f\n\r\t>""#) == nil)
    }

    @Test(
        "a vocab.json that is no flat object of whole numbers",
        arguments: [
            ("", "vocab.json: byte 0: expected {; the text ends here, is it cut off?"),
            ("[]", "vocab.json: byte 0: expected {"),
            ("{}", "vocab.json: has no tokens"),
            ("{} x", "vocab.json: byte 3: text after the end"),
            ("{\"a\": 0", "vocab.json: byte 7: expected }; the text ends here, is it cut off?"),
            ("{\"a", "vocab.json: byte 1: string without end; the text ends here, is it cut off?"),
            ("{\"a\": 12", "vocab.json: byte 8: expected }; the text ends here, is it cut off?"),
            ("{\"a\": 0,}", "vocab.json: byte 8: expected a string"),
            ("{\"a\" 0}", "vocab.json: byte 5: expected :"),
            ("{\"a\": 0 \"b\"}", "vocab.json: byte 8: expected }"),
            ("{\"a\": -1}", "vocab.json: byte 6: expected a non-negative integer"),
            ("{\"a\": 1.5}", "vocab.json: byte 6: expected a non-negative integer of at most 63 bits"),
            ("{\"a\": 1e3}", "vocab.json: byte 6: expected a non-negative integer of at most 63 bits"),
            ("{\"a\": 01}", "vocab.json: byte 6: a number with a leading zero"),
            ("{\"a\": \"1\"}", "vocab.json: byte 6: expected a non-negative integer"),
            ("{\"a\": 1048576}", #"vocab.json: byte 13: the id of token "a" is not below 1048576"#),
            (
                "{\"a\": 99999999999999999999}",
                "vocab.json: byte 6: expected a non-negative integer of at most 63 bits"
            ),
            ("{\"a\nb\": 0}", "vocab.json: byte 3: control character in a string"),
            (#"{"\x": 0}"#, "vocab.json: byte 2: unknown escape"),
            (#"{"\u12G4": 0}"#, "vocab.json: byte 4: expected four hexadecimal digits"),
            (#"{"\ud83dx": 0}"#, "vocab.json: byte 2: half a surrogate pair"),
            (#"{"\ud83d\u0041": 0}"#, "vocab.json: byte 2: half a surrogate pair"),
            (#"{"\ude00": 0}"#, "vocab.json: byte 2: half a surrogate pair"),
            (#"{"": 0}"#, "vocab.json: has an empty token"),
        ])
    func brokenJSON(vocabulary: String, expected: String) {
        #expect(Self.error(vocabulary: vocabulary) == expected)
    }

    @Test("ids and tokens that are there twice, left out or missing")
    func inconsistentVocabulary() {
        #expect(
            Self.error(replacing: "\"abc\": 257", with: "\"abc\": 256")
                == #"vocab.json: tokens "ab" and "abc" both have id 256"#)
        #expect(
            Self.error(replacing: "\"abc\": 257", with: "\"ab\": 257")
                == #"vocab.json: byte 2630: name "ab" is there twice"#)
        #expect(Self.error(replacing: "\"abc\": 257", with: "\"abc\": 300") == nil)
        #expect(
            Self.error(replacing: "\"Ġ\": 32", with: "\"<x>\": 32")
                == #"vocab.json: has no token "Ġ", which stands for byte 0x20"#)
        #expect(
            Self.error(replacing: "\"A\": 65", with: "\"<\\u0007>\": 65")
                == #"vocab.json: has no token "A", which stands for byte 0x41"#)
    }

    @Test(
        "a merges.txt that is malformed, or disagrees with vocab.json",
        arguments: [
            ("a b\nab", #"merges.txt, line 2: expected two tokens with one space between them but found "ab""#),
            ("a b\n\nab c", #"merges.txt, line 2: expected two tokens with one space between them but found """#),
            (
                "a  b",
                #"merges.txt, line 1: expected two tokens with one space between them but found "a  b""#
            ),
            (
                "a b c",
                #"merges.txt, line 1: expected two tokens with one space between them but found "a b c""#
            ),
            (" b", #"merges.txt, line 1: expected two tokens with one space between them but found " b""#),
            (
                "#version: 0.2\nx yz",
                #"merges.txt, line 2: "yz" is not in the vocabulary; do the files belong together?"#
            ),
            ("a b\nxy z", #"merges.txt, line 2: "xy" is not in the vocabulary; do the files belong together?"#),
            ("a b\nb c", #"merges.txt, line 2: "bc" is not in the vocabulary; do the files belong together?"#),
            ("a b\na b", #"merges.txt, line 2: the merge "a b" is there twice"#),
            ("a b\n", #"merges.txt: no merge makes token "abc", id 257 of vocab.json; is the file cut off?"#),
            ("", #"merges.txt: no merge makes token "ab", id 256 of vocab.json; is the file cut off?"#),
        ])
    func brokenMerges(merges: String, expected: String) {
        #expect(Self.error(merges: merges) == expected)
    }

    @Test("files that are not UTF-8")
    func invalidUTF8() {
        #expect(Self.error([0x7B, 0x22, 0xC3, 0x22], []) == "vocab.json: is not UTF-8: invalid bytes at byte 2")
        #expect(
            Self.error(Self.good.vocabularyFile, [0x61, 0x20, 0xFF])
                == "merges.txt: is not UTF-8: invalid bytes at byte 2")
    }

    @Test("more tokens, merges or bytes than there may be")
    func tooLarge() throws {
        let tokens = (0..<1 << 20).map { "\"t\($0)\":\($0)," }.joined()
        #expect(
            Self.error(vocabulary: "{\(tokens)\"x\":0}")
                == "vocab.json: has more than the 1048576 tokens there may be")
        let large = [UInt8](repeating: 0x20, count: 64 << 20 + 1)
        #expect(Self.error(large, []) == "vocab.json: is larger than the 64 MiB a tokenizer file may have")
        #expect(
            Self.error(Self.good.vocabularyFile, large)
                == "merges.txt: is larger than the 64 MiB a tokenizer file may have")
    }

    @Test("a long or unprintable token does not make a long or broken line")
    func quoting() throws {
        let key = String(repeating: "\\u000a\\u202e", count: 1000)
        let error = try #require(Self.error(vocabulary: "{\"\(key)\": x}"))
        #expect(error.allSatisfy { $0.isASCII || $0 == "…" })
        #expect(!error.contains("\n"))
        #expect(error.count < 400)
    }

    @Test("missing files and directories in their place, named with their path")
    func unreadableFiles() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tokenizer-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let vocabulary = folder.appendingPathComponent("vocab.json")
        let merges = folder.appendingPathComponent("merges.txt")
        func error() -> String? {
            do {
                _ = try BytePairTokenizer(directory: folder.path)
                return nil
            } catch {
                return error.description
            }
        }

        #expect(error() == "\(folder.path): No such file or directory")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        #expect(
            error() == "\(folder.path): has no tokenizer: neither tokenizer.json, nor vocab.json and merges.txt, "
                + "nor encoder.json and vocab.bpe")
        try FileManager.default.createDirectory(at: vocabulary, withIntermediateDirectories: true)
        #expect(error() == "\(vocabulary.path): is a directory, not a file")
        try FileManager.default.removeItem(at: vocabulary)
        try Data(Self.good.vocabularyFile).write(to: vocabulary)
        #expect(error() == "\(merges.path): cannot be read: No such file or directory")
        try Data("a b\nx yz\n".utf8).write(to: merges)
        #expect(
            error() == "\(merges.path), line 2: \"yz\" is not in the vocabulary; do the files belong together?")
        let elsewhere = folder.appendingPathComponent("elsewhere")
        try Data(Self.good.mergesFile).write(to: elsewhere)
        try FileManager.default.removeItem(at: merges)
        try FileManager.default.createSymbolicLink(at: merges, withDestinationURL: elsewhere)
        #expect(error() == nil)
    }
}
