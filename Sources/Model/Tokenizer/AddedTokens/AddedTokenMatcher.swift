/// A part of a text: an added token, or text between added tokens.
enum TextPart: Equatable {
    case text(Range<Int>)
    case token(Int32)
}

/// Finds the added tokens of a text: of those that begin first the longest, then on behind it. Those that are not
/// normalized are found first, the others in the text between them.
///
/// Time is linear in the length of the text, but for the length of the longest spelling.
///
/// Source: `find_matches` and `extract_and_normalize` in huggingface/tokenizers,
/// tokenizers/src/tokenizer/added_vocabulary.rs.
struct AddedTokenMatcher {
    private let added: AddedVocabulary
    private let plain: SpellingTrie
    private let normalized: SpellingTrie

    init(_ added: AddedVocabulary) {
        self.added = added
        plain = Self.trie(of: added, normalized: false)
        normalized = Self.trie(of: added, normalized: true)
    }

    private static func trie(of added: AddedVocabulary, normalized: Bool) -> SpellingTrie {
        var trie = SpellingTrie()
        for content in added.contents(normalized: normalized) {
            if let id = added.id(of: content) { trie.insert(content, id: id) }
        }
        return trie
    }

    /// The parts of a text. Text between tokens is never empty.
    ///
    /// - Parameter specialTokens: whether special tokens count; otherwise they are text, but hide what overlaps them.
    func parts(of text: [UInt8], specialTokens: Bool) -> [TextPart] {
        let found = parts(of: text, in: 0..<text.count, plain, specialTokens)
        guard !normalized.isEmpty else { return found }
        return found.flatMap { part in
            if case .text(let range) = part { parts(of: text, in: range, normalized, specialTokens) } else { [part] }
        }
    }

    private func parts(
        of text: [UInt8], in range: Range<Int>, _ trie: SpellingTrie, _ specialTokens: Bool
    ) -> [TextPart] {
        guard !range.isEmpty, !trie.isEmpty else { return range.isEmpty ? [] : [.text(range)] }
        var parts: [TextPart] = []
        var done = range.lowerBound
        var position = range.lowerBound
        while let (match, id) = trie.firstMatch(in: text, from: position, to: range.upperBound) {
            position = match.upperBound
            guard let token = added.token(of: id), specialTokens || !added.isSpecial(token.content),
                !token.isSingleWord || Self.isSingleWord(match, of: text, in: range)
            else { continue }
            var (start, end) = (match.lowerBound, match.upperBound)
            if token.stripsLeft { start = max(Self.startOfSpace(before: start, of: text, in: range), done) }
            if token.stripsRight { end = Self.endOfSpace(after: end, of: text, in: range) }
            if done < start { parts.append(.text(done..<start)) }
            // Nothing is left of white space that the token before has taken.
            if start < end { parts.append(.token(id)) }
            done = end
        }
        if done < range.upperBound { parts.append(.text(done..<range.upperBound)) }
        return parts
    }

    private static func isSingleWord(_ match: Range<Int>, of text: [UInt8], in range: Range<Int>) -> Bool {
        let before = scalar(endingAt: match.lowerBound, of: text, in: range)
        let after = scalar(at: match.upperBound, of: text, in: range)
        return before.map { isWord($0.value) } != true && after.map { isWord($0.value) } != true
    }

    private static func startOfSpace(before end: Int, of text: [UInt8], in range: Range<Int>) -> Int {
        var start = end
        while let scalar = scalar(endingAt: start, of: text, in: range), isSpace(scalar.value) {
            start -= scalar.length
        }
        return start
    }

    private static func endOfSpace(after start: Int, of text: [UInt8], in range: Range<Int>) -> Int {
        var end = start
        while let scalar = scalar(at: end, of: text, in: range), isSpace(scalar.value) { end += scalar.length }
        return end
    }
}

/// A code point and the number of its bytes; the replacement character for a byte that is not part of UTF-8.
private typealias MeasuredScalar = (value: UInt32, length: Int)

private func scalar(at start: Int, of text: [UInt8], in range: Range<Int>) -> MeasuredScalar? {
    guard start < range.upperBound else { return nil }
    var bytes = text[start..<min(start + 4, range.upperBound)].makeIterator()
    var decoder = UTF8()
    guard case .scalarValue(let scalar) = decoder.decode(&bytes) else { return (0xFFFD, 1) }
    return (scalar.value, UTF8.width(scalar))
}

private func scalar(endingAt end: Int, of text: [UInt8], in range: Range<Int>) -> MeasuredScalar? {
    guard end > range.lowerBound else { return nil }
    var start = end - 1
    while start > max(range.lowerBound, end - 4), text[start] & 0xC0 == 0x80 { start -= 1 }
    guard let found = scalar(at: start, of: text, in: range), start + found.length == end else { return (0xFFFD, 1) }
    return found
}

private func isSpace(_ codePoint: UInt32) -> Bool { ScalarClassTable.shared[codePoint] == .whitespace }

private func isWord(_ codePoint: UInt32) -> Bool { WordScalarTable.shared.contains(codePoint) }
