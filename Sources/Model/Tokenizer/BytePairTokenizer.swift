/// GPT-2's byte-level byte-pair encoding, for any vocabulary in its layout.
///
/// Any text can be encoded and comes back byte for byte. The tokens are those of Hugging Face's `tokenizers`; time is
/// linear in the length of the text, but for a factor of log n inside a single word of n bytes.
///
/// Source: Radford et al., "Language Models are Unsupervised Multitask Learners", section 2.2; openai/gpt-2,
/// src/encoder.py.
public final class BytePairTokenizer: Sendable {
    private static let endOfTextBytes = Array("<|endoftext|>".utf8)

    private let tokenBytes: [[UInt8]]
    private let byteTokens: [Int32]
    private let merges: MergeTable

    /// The id of `<|endoftext|>`, nil if the vocabulary has no such token.
    public let endOfText: Int32?

    /// The number of tokens; their ids are 0 up to this.
    public var vocabularySize: Int { tokenBytes.count }

    /// Reads vocab.json and merges.txt of a model directory in Hugging Face's layout.
    ///
    /// - Throws: an error that names the file, and the line or the token, if one is missing or malformed or the two
    ///   disagree.
    public convenience init(directory: String) throws(TokenizerError) {
        let prefix = directory.hasSuffix("/") ? directory : directory + "/"
        try self.init(
            vocabularyFile: TokenizerFile(path: prefix + "vocab.json"),
            mergesFile: TokenizerFile(path: prefix + "merges.txt"))
    }

    /// Makes a tokenizer from the contents of vocab.json and merges.txt.
    ///
    /// - Throws: as ``init(directory:)`` does.
    public convenience init(vocabulary: [UInt8], merges: [UInt8]) throws(TokenizerError) {
        try self.init(
            vocabularyFile: TokenizerFile(name: "vocab.json", contents: vocabulary),
            mergesFile: TokenizerFile(name: "merges.txt", contents: merges))
    }

    private init(vocabularyFile: TokenizerFile, mergesFile: TokenizerFile) throws(TokenizerError) {
        let vocabulary = try Vocabulary(vocabularyFile)
        byteTokens = try (0...0xFF).map { (byte: UInt8) throws(TokenizerError) in
            let key = ByteAlphabet.key(ofByte: byte)
            guard let id = vocabulary.ids[key] else {
                let number = String(byte, radix: 16, uppercase: true)
                throw TokenizerError(
                    vocabularyFile.name, "has no token \(quoted(key)), which stands for byte 0x\(number)")
            }
            return id
        }
        let mergeList = try MergeList(mergesFile, vocabulary: vocabulary)
        try mergeList.checkCompleteness(vocabularyFile: vocabularyFile.name)
        merges = mergeList.table
        // Keys with other characters are special tokens, and stand for their own text.
        tokenBytes = vocabulary.keys.map { ByteAlphabet.bytes(ofKey: $0) ?? $0 }
        endOfText = vocabulary.ids[Self.endOfTextBytes]
    }

    /// The tokens of a text.
    ///
    /// - Parameter allowEndOfText: whether `<|endoftext|>` in the text becomes the token of that name; otherwise it is
    ///   text like any other.
    public func encode(_ text: String, allowEndOfText: Bool = false) -> [Int32] {
        encode(utf8: Array(text.utf8), allowEndOfText: allowEndOfText)
    }

    /// The tokens of a text in UTF-8. Bytes that are not UTF-8 are kept as they are.
    ///
    /// - Parameter allowEndOfText: whether `<|endoftext|>` in the text becomes the token of that name; otherwise it is
    ///   text like any other.
    public func encode(utf8 text: [UInt8], allowEndOfText: Bool = false) -> [Int32] {
        var tokens: [Int32] = []
        tokens.reserveCapacity(text.count / 4)
        var merger = WordMerger(merges: merges, byteTokens: byteTokens)
        var start = 0
        if allowEndOfText, let endOfText {
            while let found = Self.firstEndOfText(in: text, from: start) {
                for word in PreTokenizer(text, range: start..<found) {
                    merger.merge(text, in: word, into: &tokens)
                }
                tokens.append(endOfText)
                start = found + Self.endOfTextBytes.count
            }
        }
        for word in PreTokenizer(text, range: start..<text.count) {
            merger.merge(text, in: word, into: &tokens)
        }
        return tokens
    }

    private static func firstEndOfText(in text: [UInt8], from start: Int) -> Int? {
        var position = start
        while position + endOfTextBytes.count <= text.count {
            if text[position] == endOfTextBytes[0], text[position...].starts(with: endOfTextBytes) { return position }
            position += 1
        }
        return nil
    }

    /// The bytes a token stands for, which may be a part of a character; nil if there is no such token.
    public func bytes(of token: Int32) -> [UInt8]? {
        tokenBytes.indices.contains(Int(token)) ? tokenBytes[Int(token)] : nil
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
                    "id \(token) is not in the vocabulary, whose ids are 0 to \(vocabularySize - 1)")
            }
            text.append(contentsOf: bytes)
        }
        return String(decoding: text, as: UTF8.self)
    }
}
