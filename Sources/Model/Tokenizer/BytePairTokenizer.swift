/// GPT-2's byte-level byte-pair encoding, for any vocabulary in its layout.
///
/// Any text can be encoded and comes back byte for byte. The tokens are those of Hugging Face's `tokenizers`; time is
/// linear in the length of the text, but for a factor of log n inside a single word of n bytes.
///
/// Source: Radford et al., "Language Models are Unsupervised Multitask Learners", section 2.2; openai/gpt-2,
/// src/encoder.py.
public final class BytePairTokenizer: Sendable {
    private let tokenBytes: [[UInt8]?]
    private let byteTokens: [Int32]
    private let merges: MergeTable
    private let added: AddedVocabulary
    private let matcher: AddedTokenMatcher
    private let addsPrefixSpace: Bool
    private let template: TokenTemplate
    /// Most bytes of a text that one token stands for; nil where a token takes any amount of white space with it.
    private let longestToken: Int?

    /// The id of the token that ends a text: the declared `eos_token`, else `<|endoftext|>`; nil if there is none.
    public let endOfText: Int32?

    /// The id of the token that stands before a text: the declared `bos_token`, else `<|endoftext|>`; nil if there is
    /// none.
    public let startOfText: Int32?

    /// SHA-256 over what the tokenizer is, in 32 bytes: the same for the same tokenizer, whatever files it came from.
    public let identity: [UInt8]

    /// One more than the greatest id, added tokens included. Not every id below has to have text.
    public var vocabularySize: Int { tokenBytes.count }

    /// One more than the greatest id of the vocabulary that the merges belong to, without what was added to it.
    public let ownVocabularySize: Int

    /// Reads the tokenizer of a model directory: tokenizer.json, or vocab.json and merges.txt, or encoder.json and
    /// vocab.bpe, with the settings and added tokens of the files beside them.
    ///
    /// - Throws: an error that names the file, and the line, the field or the token, if one is missing or malformed, if
    ///   two disagree, or if something is declared that cannot be done.
    public convenience init(directory: String) throws(TokenizerError) {
        try self.init(TokenizerParts(TokenizerDirectory(directory)))
    }

    /// Makes a tokenizer from the contents of vocab.json and merges.txt.
    ///
    /// - Throws: as ``init(directory:)`` does.
    public convenience init(vocabulary: [UInt8], merges: [UInt8]) throws(TokenizerError) {
        try self.init(
            TokenizerParts(
                vocabularyFile: TokenizerFile(name: "vocab.json", contents: vocabulary),
                mergesFile: TokenizerFile(name: "merges.txt", contents: merges)))
    }

    private init(_ parts: TokenizerParts) throws(TokenizerError) {
        byteTokens = try (0...0xFF).map { (byte: UInt8) throws(TokenizerError) in
            let key = ByteAlphabet.key(ofByte: byte)
            guard let id = parts.vocabulary.ids[key] else {
                let number = String(byte, radix: 16, uppercase: true)
                throw TokenizerError(
                    parts.vocabularyFile, "has no token \(quoted(key)), which stands for byte 0x\(number)")
            }
            return id
        }
        tokenBytes = Self.bytes(of: parts.vocabulary, parts.added)
        ownVocabularySize = parts.vocabulary.keys.count
        merges = parts.merges.table
        added = parts.added
        matcher = AddedTokenMatcher(parts.added)
        addsPrefixSpace = parts.addsPrefixSpace
        template = parts.template
        let declared = parts.added.all.map(\.token)
        longestToken =
            declared.contains { $0.stripsLeft || $0.stripsRight }
            ? nil : (tokenBytes.map { $0?.count ?? 0 } + declared.map(\.content.count)).max()
        endOfText = parts.endOfText
        startOfText = parts.startOfText
        identity = TokenizerIdentity.of(
            tokenBytes: tokenBytes, merges: parts.merges, added: parts.added, addsPrefixSpace: addsPrefixSpace,
            template: template)
    }

    /// Keys with other characters than the byte alphabet's are special tokens, and stand for their own text, as added
    /// tokens do that are not in the vocabulary.
    private static func bytes(of vocabulary: Vocabulary, _ added: AddedVocabulary) -> [[UInt8]?] {
        var bytes = vocabulary.keys.map { key in key.map { ByteAlphabet.bytes(ofKey: $0) ?? $0 } }
        for (id, token) in added.all where vocabulary.ids[token.content] != id {
            while bytes.count <= id { bytes.append(nil) }
            bytes[Int(id)] = token.content
        }
        return bytes
    }

    /// The tokens of a text, with the space and the tokens around it that the tokenizer declares.
    ///
    /// - Parameter specialTokens: whether spellings of special tokens in the text become these; otherwise they are text
    ///   like any other. Added tokens that are not special are always found.
    public func encode(_ text: String, specialTokens: Bool = false) -> [Int32] {
        encode(utf8: Array(text.utf8), specialTokens: specialTokens)
    }

    /// The tokens of a text in UTF-8, as ``encode(_:specialTokens:)`` makes them. Bytes that are not UTF-8 are kept as
    /// they are.
    public func encode(utf8 text: [UInt8], specialTokens: Bool = false) -> [Int32] {
        var tokens = template.prefix
        tokens.reserveCapacity(text.count / 4)
        var merger = WordMerger(merges: merges, byteTokens: byteTokens)
        for part in matcher.parts(of: text, specialTokens: specialTokens) {
            switch part {
            case .token(let id): tokens.append(id)
            case .text(let range) where addsPrefixSpace && text[range.lowerBound] != UInt8(ascii: " "):
                let spaced = [UInt8(ascii: " ")] + text[range]
                for word in PreTokenizer(spaced, range: 0..<spaced.count) {
                    merger.merge(spaced, in: word, into: &tokens)
                }
            case .text(let range):
                for word in PreTokenizer(text, range: range) { merger.merge(text, in: word, into: &tokens) }
            }
        }
        return tokens + template.suffix
    }

    /// The fewest tokens that a text of so many bytes can have.
    public func fewestTokens(ofBytes count: Int) -> Int {
        guard let longestToken, longestToken > 0 else { return 0 }
        return (count + longestToken - 1) / longestToken
    }

    /// The spelling of the first special token in a text, which is a token only if special tokens are asked for; nil if
    /// there is none.
    public func firstSpecialToken(in text: [UInt8]) -> String? {
        for case .token(let id) in matcher.parts(of: text, specialTokens: true) {
            guard let token = added.token(of: id), added.isSpecial(token.content) else { continue }
            return String(decoding: token.content, as: UTF8.self)
        }
        return nil
    }

    /// The bytes a token stands for, which may be a part of a character; nil for an id without text.
    public func bytes(of token: Int32) -> [UInt8]? {
        tokenBytes.indices.contains(Int(token)) ? tokenBytes[Int(token)] : nil
    }

    /// The ids below `count` that have no text, in ascending order: gaps, and what a model has beyond the tokenizer.
    public func idsWithoutText(below count: Int) -> [Int32] {
        (0..<Int32(clamping: max(count, 0))).filter { bytes(of: $0) == nil }
    }

    /// The text of some tokens. Bytes that are not UTF-8 become U+FFFD, as in `String(decoding:as:)`.
    ///
    /// - Throws: if an id is not in the vocabulary.
    public func decode(_ tokens: [Int32]) throws(TokenizerError) -> String {
        var text: [UInt8] = []
        for (index, token) in tokens.enumerated() {
            guard let bytes = bytes(of: token) else {
                throw TokenizerError(
                    "token \(index) of \(tokens.count)",
                    "id \(token) has no text in the vocabulary, whose ids are 0 to \(vocabularySize - 1)")
            }
            text.append(contentsOf: bytes)
        }
        return String(decoding: text, as: UTF8.self)
    }
}
