import TestSupport
import Testing
import Tokenizer

@Suite("Stop strings")
struct StopStringMatcherTests {
    /// What is shown of text that comes in pieces, and whether it was stopped.
    private static func shown(_ pieces: [String], stop: [String]) -> (text: String, stopped: Bool) {
        var matcher = StopStringMatcher(stop)
        var text = ""
        var stopped = false
        for piece in pieces {
            let result = matcher.append(piece)
            text += result.text
            stopped = result.stopped
        }
        return (text + matcher.finish(), stopped)
    }

    @Test("text is cut before a stop string, also one that comes in pieces")
    func cut() {
        #expect(Self.shown(["one two three"], stop: ["two"]) == ("one ", true))
        #expect(Self.shown(["one t", "w", "o three"], stop: ["two"]) == ("one ", true))
        #expect(Self.shown(["two"], stop: ["two"]) == ("", true))
    }

    @Test("text is held back only as long as it may become a stop string")
    func holdingBack() {
        var matcher = StopStringMatcher(["The End"])
        #expect(matcher.append("so. Th") == ("so. ", false))
        #expect(matcher.append("e ") == ("", false))
        #expect(matcher.append("E") == ("", false))
        #expect(matcher.append("lf") == ("The Elf", false))
        #expect(matcher.append(" TheThe En") == (" The", false))
        #expect(matcher.finish() == "The En")
    }

    @Test("nothing is shown after a stop")
    func afterwards() {
        var matcher = StopStringMatcher(["x"])
        #expect(matcher.append("axb") == ("a", true))
        #expect(matcher.append("c") == ("", true))
        #expect(matcher.finish() == "")
    }

    @Test("the stop string that is complete first counts, of several at once the longest")
    func severalStopStrings() {
        #expect(Self.shown(["abcd"], stop: ["abcd", "bc"]) == ("a", true))
        #expect(Self.shown(["a", "b", "c", "d"], stop: ["abcd", "bc"]) == ("a", true))
        #expect(Self.shown(["xabc"], stop: ["c", "abc", "bc"]) == ("x", true))
    }

    @Test("without stop strings, or with empty ones only, text passes at once")
    func noStopStrings() {
        for stop in [[], [""]] {
            var matcher = StopStringMatcher(stop)
            #expect(matcher.append("abc") == ("abc", false))
            #expect(matcher.finish() == "")
        }
    }

    @Test("strings match byte for byte, also inside what a reader sees as one character")
    func scalars() {
        #expect(Self.shown(["cafe\u{301}s"], stop: ["caf\u{E9}"]) == ("cafe\u{301}s", false))
        #expect(Self.shown(["cafe\u{301}s"], stop: ["e"]) == ("caf", true))
        #expect(Self.shown(["a\r", "\nb"], stop: ["\n"]) == ("a\r", true))
        #expect(Self.shown(["👩\u{200D}", "👩"], stop: ["\u{200D}👩"]) == ("👩", true))
    }

    @Test("text may go on after its end was declared")
    func goingOn() {
        var matcher = StopStringMatcher(["abc"])
        #expect(matcher.append("ab") == ("", false))
        #expect(matcher.finish() == "ab")
        #expect(matcher.append("c") == ("c", false))
        #expect(matcher.append("abc") == ("", true))
    }

    /// The end that comes first of all occurrences, and the earliest beginning among those that end there.
    private static func firstMatch(in text: [UInt8], _ stop: [[UInt8]]) -> Range<Int>? {
        for end in 1..<text.count + 1 {
            let lengths = stop.map(\.count).filter { $0 > 0 && $0 <= end }
            let matching = lengths.filter { length in stop.contains(Array(text[end - length..<end])) }
            if let length = matching.max() { return end - length..<end }
        }
        return nil
    }

    @Test("the pieces in which text comes make no difference", arguments: 0..<4 as Range<UInt64>)
    func anyPieces(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        func randomText(_ lengths: ClosedRange<Int>) -> String {
            var text = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: lengths, using: &generator) {
                text.append(["a", "b", "é", "\u{301}", "😀"].randomElement(using: &generator)!)
            }
            return String(text)
        }
        for _ in 0..<500 {
            let stop = (0..<Int.random(in: 0...3, using: &generator)).map { _ in randomText(0...6) }
            let pieces = (0..<Int.random(in: 1...8, using: &generator)).map { _ in randomText(0...5) }
            let whole = pieces.flatMap { Array($0.utf8) }
            let match = Self.firstMatch(in: whole, stop.map { Array($0.utf8) })
            let result = Self.shown(pieces, stop: stop)
            #expect(result.stopped == (match != nil), "seed \(seed): \(pieces), stop \(stop)")
            #expect(
                Array(result.text.utf8) == Array(whole[..<(match?.lowerBound ?? whole.count)]),
                "seed \(seed): \(pieces), stop \(stop)")
        }
    }
}
