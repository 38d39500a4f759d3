/// Cuts text into the pieces inside which bytes are merged, as GPT-2's regular expression does:
///
///     's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
///
/// The pieces are ranges of bytes that follow one another without a gap. A byte that is not part of valid UTF-8 counts
/// as a character that is no letter, number or space.
///
/// Source: openai/gpt-2, src/encoder.py.
package struct PreTokenizer: Sequence, IteratorProtocol {
    private let text: [UInt8]
    private let end: Int
    private var position: Int
    private let classes = ScalarClassTable.shared

    /// The pieces of a range of a text, of which nothing outside the range has any influence.
    package init(_ text: [UInt8], range: Range<Int>) {
        self.text = text
        position = range.lowerBound
        end = range.upperBound
    }

    package mutating func next() -> Range<Int>? {
        guard position < end else { return nil }
        let start = position
        position = endOfPiece(from: start)
        return start..<position
    }

    private func endOfPiece(from start: Int) -> Int {
        if text[start] == UInt8(ascii: "'"), let length = contractionLength(at: start) {
            return start + length
        }
        let first = scalar(at: start)
        if first.class != .whitespace {
            return endOfRun(of: first.class, from: start + first.length)
        }
        if text[start] == UInt8(ascii: " "), start + 1 < end {
            let second = scalar(at: start + 1)
            if second.class != .whitespace {
                return endOfRun(of: second.class, from: start + 1 + second.length)
            }
        }
        return endOfWhitespace(from: start, firstLength: first.length)
    }

    /// All white space up to the end of the text; before anything else all but the last character, which is left to the
    /// next piece, unless it is the only one.
    private func endOfWhitespace(from start: Int, firstLength: Int) -> Int {
        var last = start
        var position = start + firstLength
        while position < end {
            let next = scalar(at: position)
            if next.class != .whitespace {
                return last > start ? last : position
            }
            last = position
            position += next.length
        }
        return end
    }

    private func endOfRun(of runClass: ScalarClass, from start: Int) -> Int {
        var position = start
        while position < end {
            let next = scalar(at: position)
            if next.class != runClass { break }
            position += next.length
        }
        return position
    }

    /// The length of the 's, 't, 're, 've, 'm, 'll or 'd at an apostrophe.
    private func contractionLength(at apostrophe: Int) -> Int? {
        guard apostrophe + 1 < end else { return nil }
        let second = text[apostrophe + 1]
        switch second {
        case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"):
            return 2
        case UInt8(ascii: "r"), UInt8(ascii: "v"), UInt8(ascii: "l"):
            let third = second == UInt8(ascii: "l") ? UInt8(ascii: "l") : UInt8(ascii: "e")
            return apostrophe + 2 < end && text[apostrophe + 2] == third ? 3 : nil
        default:
            return nil
        }
    }

    /// Class and length in bytes of the character at a position.
    private func scalar(at position: Int) -> (class: ScalarClass, length: Int) {
        let first = text[position]
        if first < 0x80 { return (classes[UInt32(first)], 1) }
        let length = first < 0xC2 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 1
        guard length > 1, position + length <= end else { return (.other, 1) }
        var codePoint = UInt32(first) & (0x7F >> UInt32(length))
        for index in position + 1..<position + length {
            guard text[index] & 0xC0 == 0x80 else { return (.other, 1) }
            codePoint = codePoint << 6 | UInt32(text[index] & 0x3F)
        }
        return (classes[codePoint], length)
    }
}
