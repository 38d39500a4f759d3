/// The merges in the order of their ranks, checked against the vocabulary.
struct MergeList {
    /// Most merges accepted; GPT-2 has 50000.
    static let largestCount = 1 << 20

    private(set) var table: MergeTable
    /// What each merge joins, and what it makes.
    private(set) var merges: [(left: Int32, right: Int32, result: Int32)] = []
    private let file: String
    private let vocabulary: Vocabulary

    /// Reads merges.txt.
    ///
    /// - Throws: naming the line, if it is not two tokens with a space between them, if a token or what the two make is
    ///   not in the vocabulary, or if the pair was there before.
    init(_ file: TokenizerFile, vocabulary: Vocabulary) throws(TokenizerError) {
        self.file = file.name
        self.vocabulary = vocabulary
        let newline = UInt8(ascii: "\n")
        let lineCount = file.contents.count { $0 == newline } + 1
        table = MergeTable(capacity: min(lineCount, Self.largestCount))

        var number = 0
        var start = 0
        while start < file.contents.count {
            number += 1
            let end = file.contents[start...].firstIndex(of: newline) ?? file.contents.count
            var line = file.contents[start..<end]
            if line.last == UInt8(ascii: "\r") { line.removeLast() }
            if !Self.isVersion(line) {
                guard let (left, right) = Self.pair(of: line) else {
                    throw Self.notAPair(line, "\(file.name), line \(number)")
                }
                try add(left, right, place: "\(file.name), line \(number)")
            }
            start = end + 1
        }
    }

    /// Takes the merges of tokenizer.json.
    ///
    /// - Throws: naming the merge, as ``init(_:vocabulary:)`` does.
    init(
        _ pairs: [(left: [UInt8], right: [UInt8])], file: String, vocabulary: Vocabulary
    ) throws(TokenizerError) {
        self.file = file
        self.vocabulary = vocabulary
        table = MergeTable(capacity: min(pairs.count, Self.largestCount))
        for (number, pair) in pairs.enumerated() {
            try add(pair.left[...], pair.right[...], place: "\(file): model.merges: number \(number)")
        }
    }

    /// Whether a line gives the version of the format.
    static func isVersion(_ line: ArraySlice<UInt8>) -> Bool { line.starts(with: "#version".utf8) }

    /// The two tokens of a merge that is written with one space between them.
    static func pair(of line: ArraySlice<UInt8>) -> (left: ArraySlice<UInt8>, right: ArraySlice<UInt8>)? {
        let space = UInt8(ascii: " ")
        guard let middle = line.firstIndex(of: space), middle > line.startIndex, middle + 1 < line.endIndex,
            !line[(middle + 1)...].contains(space)
        else { return nil }
        return (line[..<middle], line[(middle + 1)...])
    }

    /// The error for a merge that is not two tokens.
    static func notAPair(_ line: ArraySlice<UInt8>, _ place: String) -> TokenizerError {
        TokenizerError(place, "expected two tokens with one space between them but found \(quoted(line))")
    }

    private mutating func add(
        _ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>, place: @autoclosure () -> String
    ) throws(TokenizerError) {
        guard merges.count < Self.largestCount else {
            throw TokenizerError(place(), "more than the \(Self.largestCount) merges there may be")
        }
        let leftID = try id(of: Array(left), place: place())
        let rightID = try id(of: Array(right), place: place())
        let result = try id(of: Array(left + right), place: place())
        guard table.insert(Merge(rank: merges.count, result: result), left: leftID, right: rightID) else {
            let pair = left + [UInt8(ascii: " ")] + right
            throw TokenizerError(place(), "the merge \(quoted(pair)) is there twice")
        }
        merges.append((leftID, rightID, result))
    }

    private func id(of key: [UInt8], place: @autoclosure () -> String) throws(TokenizerError) -> Int32 {
        guard let id = vocabulary.ids[key] else {
            throw TokenizerError(
                place(), "\(quoted(key)) is not in the vocabulary; do the files belong together?")
        }
        return id
    }

    /// Makes sure that merges.txt is not cut off between two lines: it would load, and tokenize differently. Then there is
    /// a token that no merge makes, though two others make it. Added tokens, what is written like a special token
    /// (`<…>` or `[…]`), and words put into the vocabulary by hand, which no two tokens make, are no sign of that.
    func checkCompleteness(vocabularyFile: String, added: AddedVocabulary) throws(TokenizerError) {
        var isMade = [Bool](repeating: false, count: vocabulary.keys.count)
        for merge in merges { isMade[Int(merge.result)] = true }
        let others = vocabulary.keys.enumerated().lazy.filter { id, key in !isMade[id] && (key?.count ?? 0) > 1 }
        // The first that is missing shows it; a vocabulary of many others takes no time.
        for (id, key) in others.prefix(1_000) {
            guard let key, added.token(of: Int32(id)) == nil, !Self.looksSpecial(key), isJoin(key) else { continue }
            throw TokenizerError(
                file, "no merge makes token \(quoted(key)), id \(id) of \(vocabularyFile); is the file cut off?")
        }
    }

    private static func looksSpecial(_ key: [UInt8]) -> Bool {
        switch (key.first, key.last) {
        case (UInt8(ascii: "<"), UInt8(ascii: ">")), (UInt8(ascii: "["), UInt8(ascii: "]")): true
        default: false
        }
    }

    /// Whether two tokens of the vocabulary, put together, are the key. Very long keys are none that a merge makes.
    private func isJoin(_ key: [UInt8]) -> Bool {
        key.count > 1 && key.count <= 256
            && (1..<key.count).contains { middle in
                vocabulary.ids[Array(key[..<middle])] != nil && vocabulary.ids[Array(key[middle...])] != nil
            }
    }
}
