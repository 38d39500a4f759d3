/// The added tokens of a tokenizer with their ids.
///
/// A spelling that the vocabulary has keeps its id there. Others are numbered from the vocabulary's count on, whatever
/// ids a file declares for them: so does the reference, with which models get their added tokens.
///
/// Source: `AddedVocabulary` in huggingface/tokenizers, tokenizers/src/tokenizer/added_vocabulary.rs.
struct AddedVocabulary {
    /// Most bytes of all spellings.
    private static let largestSize = 1 << 20

    private let vocabulary: Vocabulary
    private let vocabularyCount: Int
    private var ids: [[UInt8]: Int32] = [:]
    private var tokens: [Int32: AddedToken] = [:]
    private var specialContents: Set<[UInt8]> = []
    private var size = 0

    init(_ vocabulary: Vocabulary) {
        self.vocabulary = vocabulary
        vocabularyCount = vocabulary.ids.count
    }

    /// The added token of an id.
    func token(of id: Int32) -> AddedToken? { tokens[id] }

    /// The id of a spelling, added or of the vocabulary.
    func id(of content: [UInt8]) -> Int32? { ids[content] ?? vocabulary.ids[content] }

    /// Whether there is an added token of that spelling.
    func contains(_ content: [UInt8]) -> Bool { ids[content] != nil }

    /// Whether a spelling is text like any other unless special tokens are asked for: it is if it was ever declared so.
    func isSpecial(_ content: [UInt8]) -> Bool { specialContents.contains(content) }

    /// All added tokens by id, in ascending order.
    var all: [(id: Int32, token: AddedToken)] { tokens.map { ($0.key, $0.value) }.sorted { $0.0 < $1.0 } }

    /// The spellings to be searched for: in the text as it is, or between what was found there.
    func contents(normalized: Bool) -> [[UInt8]] {
        tokens.values.filter { $0.isNormalized == normalized }.map(\.content)
    }

    /// Adds tokens. The flags of the last declaration of a spelling count.
    ///
    /// - Throws: naming `place`, if a spelling is too long or there are too many tokens.
    mutating func add(_ added: [AddedToken], place: String) throws(TokenizerError) {
        var next = max(vocabularyCount, tokens.keys.max().map { Int($0) + 1 } ?? 0)
        for token in added where token.isSpecial { specialContents.insert(token.content) }
        for token in added where !token.content.isEmpty {
            guard token.content.count <= AddedToken.longestContent else {
                throw TokenizerError(
                    place,
                    "added token \(quoted(token.content)) is longer than the \(AddedToken.longestContent) bytes it may be"
                )
            }
            if ids[token.content] == nil { size += token.content.count }
            guard size <= Self.largestSize else {
                throw TokenizerError(
                    place, "added tokens have more than the \(Self.largestSize) bytes that all may have")
            }
            let known = id(of: token.content)
            let id = if let known { known } else { try newID(next, of: token, place: place) }
            if known == nil { next += 1 }
            ids[token.content] = id
            tokens[id] = token
        }
    }

    private func newID(_ id: Int, of token: AddedToken, place: String) throws(TokenizerError) -> Int32 {
        guard id < Vocabulary.largestCount else {
            throw TokenizerError(place, "has more than the \(Vocabulary.largestCount) tokens there may be")
        }
        if id < vocabulary.keys.count, let other = vocabulary.keys[id] {
            throw TokenizerError(
                place, "added token \(quoted(token.content)) gets id \(id), which \(quoted(other)) has already")
        }
        return Int32(id)
    }
}
