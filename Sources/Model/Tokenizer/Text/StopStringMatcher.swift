/// Looks for stop strings in text that comes in pieces. Text that may still turn into a stop string is held back, and a
/// stop string is never given out.
///
/// The match is the one that is complete first, and of several complete at the same place the longest, so the pieces in
/// which the text comes make no difference. Strings match byte for byte: an é of one scalar is not one of two.
public struct StopStringMatcher: Sendable {
    private var candidates: [Candidate]
    private var held: [UInt8] = []
    private var hasStopped = false

    /// A matcher at the start of a text. Empty stop strings are ignored.
    public init(_ stopStrings: [String]) {
        candidates = stopStrings.filter { !$0.isEmpty }.map { Candidate(Array($0.utf8)) }
    }

    /// Takes the next piece of text and returns what can be shown of all that has not been shown yet. Once a stop
    /// string is complete `stopped` is true, `text` is what came before it, and later calls return no text.
    public mutating func append(_ text: String) -> (text: String, stopped: Bool) {
        if hasStopped { return ("", true) }
        if candidates.isEmpty { return (text, false) }
        for byte in text.utf8 {
            held.append(byte)
            var lengthOfMatch = 0
            for index in candidates.indices where candidates[index].advance(over: byte) {
                lengthOfMatch = max(lengthOfMatch, candidates[index].matchedCount)
            }
            if lengthOfMatch > 0 {
                hasStopped = true
                return (release(allButLast: lengthOfMatch), true)
            }
        }
        return (release(allButLast: candidates.map(\.matchedCount).max() ?? 0), false)
    }

    /// Ends the text and returns what was held back, nothing if a stop string was found.
    public mutating func finish() -> String {
        if hasStopped { return "" }
        for index in candidates.indices {
            candidates[index].restart()
        }
        return release(allButLast: 0)
    }

    /// Stop strings begin with the first byte of a character, so the cut is never inside one.
    private mutating func release(allButLast count: Int) -> String {
        let text = String(decoding: held.dropLast(count), as: UTF8.self)
        held.removeFirst(held.count - count)
        return text
    }
}

/// One stop string and how much of it the text seen so far ends with (Knuth, Morris and Pratt, "Fast pattern matching
/// in strings", 1977).
private struct Candidate: Sendable {
    private let pattern: [UInt8]
    /// For each length of a beginning of the pattern, the length of the longest shorter one it ends with.
    private let fallbacks: [Int]
    private(set) var matchedCount = 0

    init(_ pattern: [UInt8]) {
        self.pattern = pattern
        var fallbacks = [0, 0]
        fallbacks.reserveCapacity(pattern.count + 1)
        for byte in pattern.dropFirst() {
            fallbacks.append(Self.matchedCount(of: pattern, fallbacks, after: fallbacks[fallbacks.count - 1], byte))
        }
        self.fallbacks = fallbacks
    }

    /// Takes the next byte of the text; true if the text now ends with the whole pattern. Only ``restart()`` may follow
    /// then.
    mutating func advance(over byte: UInt8) -> Bool {
        matchedCount = Self.matchedCount(of: pattern, fallbacks, after: matchedCount, byte)
        return matchedCount == pattern.count
    }

    /// Forgets the text seen so far.
    mutating func restart() {
        matchedCount = 0
    }

    private static func matchedCount(of pattern: [UInt8], _ fallbacks: [Int], after count: Int, _ byte: UInt8) -> Int {
        var count = count
        while count > 0 && pattern[count] != byte {
            count = fallbacks[count]
        }
        return pattern[count] == byte ? count + 1 : count
    }
}
