/// What merges.txt says, checked against the vocabulary.
struct MergeList {
    /// Most merges accepted; GPT-2 has 50000.
    static let largestCount = 1 << 20

    private(set) var table: MergeTable
    private let file: String
    private let vocabulary: Vocabulary
    private var count = 0
    private var isMade: [Bool]

    /// - Throws: naming the line, if it is not two tokens with a space between them, if a token or what the two make is
    ///   not in the vocabulary, or if the pair was there before.
    init(_ file: TokenizerFile, vocabulary: Vocabulary) throws(TokenizerError) {
        self.file = file.name
        self.vocabulary = vocabulary
        let newline = UInt8(ascii: "\n")
        let lineCount = file.contents.count { $0 == newline } + 1
        table = MergeTable(capacity: min(lineCount, Self.largestCount))
        isMade = Array(repeating: false, count: vocabulary.keys.count)

        var number = 0
        var start = 0
        while start < file.contents.count {
            number += 1
            let end = file.contents[start...].firstIndex(of: newline) ?? file.contents.count
            var line = file.contents[start..<end]
            if line.last == UInt8(ascii: "\r") { line.removeLast() }
            if !line.starts(with: "#version".utf8) {
                try add(line, number: number)
            }
            start = end + 1
        }
    }

    private mutating func add(_ line: ArraySlice<UInt8>, number: Int) throws(TokenizerError) {
        let space = UInt8(ascii: " ")
        guard let middle = line.firstIndex(of: space), middle > line.startIndex, middle + 1 < line.endIndex,
            !line[(middle + 1)...].contains(space)
        else {
            throw TokenizerError(
                file, line: number, "expected two tokens with one space between them but found \(quoted(line))")
        }
        guard count < Self.largestCount else {
            throw TokenizerError(file, line: number, "more than the \(Self.largestCount) merges there may be")
        }
        let left = try id(of: Array(line[..<middle]), number: number)
        let right = try id(of: Array(line[(middle + 1)...]), number: number)
        let result = try id(of: Array(line[..<middle] + line[(middle + 1)...]), number: number)
        guard table.insert(Merge(rank: count, result: result), left: left, right: right) else {
            throw TokenizerError(file, line: number, "the merge \(quoted(line)) is there twice")
        }
        isMade[Int(result)] = true
        count += 1
    }

    private func id(of key: [UInt8], number: Int) throws(TokenizerError) -> Int32 {
        guard let id = vocabulary.ids[key] else {
            throw TokenizerError(
                file, line: number, "\(quoted(key)) is not in the vocabulary; do the files belong together?")
        }
        return id
    }

    /// Makes sure that every token of the vocabulary is a byte, is made by a merge, or is written like a special token
    /// (`<…>` or `[…]`): a merges.txt cut off between two lines would otherwise load, and tokenize differently.
    func checkCompleteness(vocabularyFile: String) throws(TokenizerError) {
        for (id, key) in vocabulary.keys.enumerated() where !isMade[id] && key.count > 1 {
            guard let bytes = ByteAlphabet.bytes(ofKey: key), bytes.count > 1 else { continue }
            switch (key[0], key[key.count - 1]) {
            case (UInt8(ascii: "<"), UInt8(ascii: ">")), (UInt8(ascii: "["), UInt8(ascii: "]")): continue
            default:
                throw TokenizerError(
                    file, "no merge makes token \(quoted(key)), id \(id) of \(vocabularyFile); is the file cut off?")
            }
        }
    }
}
