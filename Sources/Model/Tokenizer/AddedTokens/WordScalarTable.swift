/// The code points that are parts of a word: letters, marks, digits, underscores. They come from a committed table for
/// the reason that ``ScalarClassTable`` gives.
struct WordScalarTable {
    /// The only table, made on first use.
    static let shared = WordScalarTable()

    private let ranges: [ClosedRange<UInt32>]

    private init() {
        ranges = WordScalarRanges.besideLetters.split(separator: " ").map { range in
            let bounds = range.split(separator: "-").map { UInt32($0, radix: 16)! }
            return bounds[0]...bounds[bounds.count - 1]
        }
    }

    /// Whether a code point is a part of a word.
    func contains(_ codePoint: UInt32) -> Bool {
        if ScalarClassTable.shared[codePoint] == .letter { return true }
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < codePoint { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].contains(codePoint)
    }
}
