/// Turns the bytes of one piece of text into tokens: of all neighbours that have a merge, those with the lowest rank,
/// and among these the leftmost, are joined, until none are left.
struct WordMerger {
    /// The longest piece, in bytes, for which all neighbours are searched in every step: nearly all words are shorter,
    /// and the square of this is still little work. Longer ones get a heap.
    private static let longestShortWord = 48

    private let merges: MergeTable
    private let byteTokens: [Int32]

    // Kept between words, so that a word costs no allocation.
    private var symbols = [Int32](repeating: 0, count: longestShortWord)
    private var candidates = [Merge](repeating: .none, count: longestShortWord)

    /// - Parameter byteTokens: the token of each of the 256 bytes.
    init(merges: MergeTable, byteTokens: [Int32]) {
        self.merges = merges
        self.byteTokens = byteTokens
    }

    /// Appends the tokens of a piece of text.
    mutating func merge(_ text: [UInt8], in word: Range<Int>, into tokens: inout [Int32]) {
        if word.count == 1 {
            tokens.append(byteTokens[Int(text[word.lowerBound])])
        } else if word.count <= Self.longestShortWord {
            mergeShortWord(text, in: word, into: &tokens)
        } else {
            var chain = SymbolChain(text[word].map { byteTokens[Int($0)] }, merges: merges)
            chain.mergeAll()
            chain.appendSymbols(to: &tokens)
        }
    }

    /// Quadratic in the length of the word, which is bounded.
    private mutating func mergeShortWord(_ text: [UInt8], in word: Range<Int>, into tokens: inout [Int32]) {
        var count = word.count
        symbols[0] = byteTokens[Int(text[word.lowerBound])]
        for index in 1..<count {
            symbols[index] = byteTokens[Int(text[word.lowerBound + index])]
            candidates[index - 1] = merges[symbols[index - 1], symbols[index]]
        }
        while count > 1 {
            var best = Merge.none
            var position = 0
            for index in 0..<count - 1 where candidates[index] < best {
                best = candidates[index]
                position = index
            }
            if best == .none { break }

            symbols[position] = best.result
            count -= 1
            for index in position + 1..<max(count, position + 1) {
                symbols[index] = symbols[index + 1]
                candidates[index - 1] = candidates[index]
            }
            if position > 0 {
                candidates[position - 1] = merges[symbols[position - 1], symbols[position]]
            }
            if position + 1 < count {
                candidates[position] = merges[symbols[position], symbols[position + 1]]
            }
        }
        tokens.append(contentsOf: symbols[..<count])
    }
}
