import Testing
import Tokenizer

@Suite("The identity of a tokenizer")
struct IdentityTests {
    private static func identity(_ files: [String: String]) throws -> [UInt8] {
        try TokenizerFolder(files).tokenizer().identity
    }

    private static func identity(of name: String) throws -> [UInt8] { try identity(TokenizerForm.named(name).files) }

    @Test("is the same for the same tokenizer, whatever files it came from")
    func same() throws {
        let identity = try Self.identity(of: "vocabulary and merges")
        #expect(identity.count == 32)
        for name in ["tokenizer.json alone, without a class", "tokenizer.json with merges as strings"] {
            #expect(try Self.identity(of: name) == identity, "\(name)")
        }
        let form = TokenizerForm.named("vocabulary and merges").files
        let renamed = ["encoder.json": form["vocab.json"]!, "vocab.bpe": form["merges.txt"]!]
        #expect(try Self.identity(renamed) == identity)
        let tokenizer = try BytePairTokenizer(
            vocabulary: Array(form["vocab.json"]!.utf8), merges: Array(form["merges.txt"]!.utf8))
        #expect(tokenizer.identity == identity)
        #expect(
            try Self.identity(of: "tokenizer.json of the fast class")
                == Self.identity(of: "added_tokens.json and tokenizer_config.json"))
    }

    @Test("tells apart what gives other tokens")
    func different() throws {
        let names = [
            "vocabulary and merges", "add_bos_token with vocabulary and merges",
            "GPT2TokenizerFast: prefix space of the configuration only", "all flags of added tokens",
            "added_tokens.json", "added_tokens.json and tokenizer_config.json", "a vocabulary with gaps",
            "a vocabulary without an end of text",
        ]
        let identities = try names.map { try Self.identity(of: $0) }
        #expect(Set(identities).count == names.count)
    }

    @Test("tells apart the order of merges")
    func merges() throws {
        var files = TokenizerForm.named("vocabulary and merges").files
        let identity = try Self.identity(files)
        files["merges.txt"] = files["merges.txt"]!.replacing("i n\nĠ a\n", with: "Ġ a\ni n\n")
        #expect(try Self.identity(files) != identity)
    }
}
