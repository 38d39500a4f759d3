import Console
import Foundation
import Testing

@Suite("Keys and colour")
struct KeyReaderTests {
    /// The keys that these bytes are, up to the end.
    private func keys(_ pieces: [UInt8]...) throws -> [KeyReader.Key] {
        var input: [Int32] = [-1, -1]
        var waking: [Int32] = [-1, -1]
        try #require(pipe(&input) == 0 && pipe(&waking) == 0)
        defer { for descriptor in [input[0]] + waking { close(descriptor) } }
        for piece in pieces { #expect(write(input[1], piece, piece.count) == piece.count) }
        close(input[1])
        var reader = KeyReader(descriptor: input[0], waking: waking[0])
        var keys: [KeyReader.Key] = []
        while keys.count < 10_000 {
            keys.append(reader.next())
            if keys.last == .end { break }
        }
        return keys
    }

    private func typed(_ text: String) -> [KeyReader.Key] { text.unicodeScalars.map { .character($0) } }

    @Test("characters, keys of several, and the keys that are signals elsewhere")
    func plain() throws {
        #expect(try keys(Array("aë√🙂".utf8)) == typed("aë√🙂") + [.end])
        #expect(try keys(Array("\u{1B}[A\u{1B}x".utf8)) == typed("\u{1B}[A\u{1B}x") + [.end])
        #expect(
            try keys([0x61, 3, 0x62, 0x1A, 4]) == typed("a") + [.interrupt] + typed("b") + [.suspend] + typed("\u{4}")
                + [.end])
    }

    @Test("a newline ends a line only where nothing follows it")
    func pastes() throws {
        let quote = String(KeyReader.quote)
        #expect(try keys(Array("a\n".utf8)) == typed("a\n") + [.end])
        #expect(try keys(Array("a\rb\r".utf8)) == typed("a\(quote)\nb\n") + [.end])
        #expect(
            try keys(Array("\u{1B}[200~a\rb\r\u{1B}[201~\r".utf8)) == typed("a\(quote)\nb\(quote)\n\n") + [.end])
        // Control characters of a paste do nothing.
        #expect(try keys(Array("\u{1B}[200~a\u{3}\u{1B}[A\u{1B}[201~".utf8)) == typed("a[A") + [.end])
    }

    @Test("what is no UTF-8 and what breaks off is one U+FFFD, and no bytes are lost or repeated")
    func damaged() throws {
        #expect(try keys([0x61, 0xFF, 0x62]) == typed("a\u{FFFD}b") + [.end])
        #expect(try keys([0xE2, 0x88]) == typed("\u{FFFD}") + [.end])
    }

    @Test("colour: NO_COLOR, then CLICOLOR_FORCE, then a terminal that is not dumb")
    func colour() {
        func isOn(_ isTerminal: Bool, _ environment: [String: String]) -> Bool {
            TextStyle(isTerminal: isTerminal, environment: environment).isOn
        }
        #expect(isOn(true, [:]) && isOn(true, ["TERM": "xterm", "NO_COLOR": ""]))
        #expect(!isOn(false, [:]) && !isOn(true, ["TERM": "dumb"]) && !isOn(true, ["NO_COLOR": "1"]))
        #expect(isOn(false, ["CLICOLOR_FORCE": "1"]) && !isOn(false, ["CLICOLOR_FORCE": "0"]))
        #expect(!isOn(true, ["CLICOLOR_FORCE": "1", "NO_COLOR": "1"]))
        #expect(TextStyle(isTerminal: false, environment: [:]).dim("a") == "a")
        #expect(TextStyle(isTerminal: true, environment: [:]).dim("a") == "\u{1B}[2ma\u{1B}[0m")
    }
}
