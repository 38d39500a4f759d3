/// Turns a stream of tokens into text, without ever giving out a part of a character.
///
/// The pieces, put together, are the text that ``BytePairTokenizer/decode(_:)`` makes of all the tokens.
public struct StreamingDetokenizer: Sendable {
    private let tokenizer: BytePairTokenizer
    /// The beginning of a character whose other bytes have not come yet: at most three bytes.
    private var pending: [UInt8] = []

    /// A detokenizer at the start of a text.
    public init(_ tokenizer: BytePairTokenizer) {
        self.tokenizer = tokenizer
    }

    /// Takes the next token and returns the characters that are now complete, often one or more, sometimes none. Bytes
    /// that cannot become a character are U+FFFD. An id without text, as padded vocabularies have them, adds nothing.
    public mutating func append(_ token: Int32) -> String {
        let bytes = pending + (tokenizer.bytes(of: token) ?? [])
        let end = bytes.count - Self.lengthOfUnfinishedCharacter(atEndOf: bytes)
        pending = Array(bytes[end...])
        return String(decoding: bytes[..<end], as: UTF8.self)
    }

    /// Ends the text and returns what is left of it: U+FFFD if a character was never completed.
    public mutating func finish() -> String {
        defer { pending = [] }
        return String(decoding: pending, as: UTF8.self)
    }

    /// The number of bytes at the end that the right bytes after them would make a character; 0 to 3.
    private static func lengthOfUnfinishedCharacter(atEndOf bytes: [UInt8]) -> Int {
        for length in 1...3 where length <= bytes.count {
            let lead = bytes[bytes.count - length]
            if lead & 0xC0 == 0x80 { continue }
            let isUnfinished =
                length == 1
                ? 0xC2...0xF4 ~= lead
                : secondBytes(after: lead).contains(bytes[bytes.count - length + 1]) && (length == 2 || lead >= 0xF0)
            return isUnfinished ? length : 0
        }
        return 0
    }

    /// The second bytes that may follow the first byte of a character of three or four bytes (The Unicode Standard,
    /// table 3-7); none for other first bytes, whose characters are complete with their second byte.
    private static func secondBytes(after lead: UInt8) -> Range<UInt8> {
        switch lead {
        case 0xE0: 0xA0..<0xC0
        case 0xED: 0x80..<0xA0
        case 0xF0: 0x90..<0xC0
        case 0xF4: 0x80..<0x90
        case 0xE1...0xEF, 0xF1...0xF3: 0x80..<0xC0
        default: 0..<0
        }
    }
}
