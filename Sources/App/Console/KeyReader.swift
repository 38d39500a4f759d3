import Foundation

/// What is typed into a terminal, key by key, for an editor of lines. Lines that are pasted together stay together: their
/// newlines come as text. A terminal says where a paste begins and ends once ``bracketedPaste`` was written to it; where it
/// does not, what comes right behind a newline tells.
package struct KeyReader {
    package enum Key: Equatable {
        case character(Unicode.Scalar)
        /// ^C
        case interrupt
        /// ^Z
        case suspend
        /// Nothing more will come.
        case end
        /// Somebody wrote to the other descriptor.
        case woken
    }

    static let bracketedPaste = (on: "\u{1B}[?2004h", off: "\u{1B}[?2004l")

    /// The key that makes an editor take the next one as text.
    package static let quote = Unicode.Scalar(0x16 as UInt8)

    private static let pasteBegins = Array("\u{1B}[200~".utf8)
    private static let pasteEnds = Array("\u{1B}[201~".utf8)
    /// How long the rest of a paste or of a key's sequence may take.
    private static let milliseconds: Int32 = 10

    private let descriptor: Int32
    private let waking: Int32
    private var bytes: [UInt8] = []
    private var waiting: [Unicode.Scalar] = []
    private var isPasting = false

    /// - Parameter waking: is read by nobody here; what is written to it ends the waiting for keys.
    package init(descriptor: Int32, waking: Int32) {
        (self.descriptor, self.waking) = (descriptor, waking)
    }

    /// Waits for the next key.
    package mutating func next() -> Key {
        while true {
            if !waiting.isEmpty { return .character(waiting.removeFirst()) }
            if bytes.isEmpty, let end = fill() { return end }
            switch bytes[0] {
            case 0x03 where !isPasting:
                bytes.removeFirst()
                return .interrupt
            case 0x1A where !isPasting:
                bytes.removeFirst()
                return .suspend
            case 0x1B: takeSequence()
            case 0x0A, 0x0D: takeNewline()
            default: takeScalar()
            }
        }
    }

    /// Forgets the line so far: the next key begins another.
    mutating func reset() { (waiting, isPasting) = ([], false) }

    private mutating func takeSequence() {
        for length in 2...Self.pasteBegins.count {
            let known = [Self.pasteBegins, Self.pasteEnds].contains { $0.starts(with: bytes.prefix(length - 1)) }
            guard known, bytes.count >= length || more() else { break }
        }
        if bytes.starts(with: Self.pasteBegins) || bytes.starts(with: Self.pasteEnds) {
            isPasting = bytes.starts(with: Self.pasteBegins)
            bytes.removeFirst(Self.pasteBegins.count)
        } else if isPasting {
            // A pasted escape character would be a command.
            bytes.removeFirst()
        } else {
            takeScalar()
        }
    }

    private mutating func takeNewline() {
        bytes.removeFirst()
        let newline = Unicode.Scalar(0x0A as UInt8)
        waiting = isPasting || !bytes.isEmpty || more() ? [Self.quote, newline] : [newline]
    }

    private mutating func takeScalar() {
        var decoder = UTF8.ForwardParser()
        while true {
            var iterator = bytes.makeIterator()
            switch decoder.parseScalar(from: &iterator) {
            case .valid(let encoded):
                bytes.removeFirst(encoded.count)
                let scalar = UTF8.decode(encoded)
                // Control characters in a paste are text to nobody.
                if isPasting, scalar.value < 0x20 || scalar.value == 0x7F {
                    waiting = scalar == "\t" ? [Self.quote, scalar] : []
                } else {
                    waiting = [scalar]
                }
                return
            case .error(let length):
                // The rest of a character may be under way.
                if bytes.count < 4, more() {
                    decoder = UTF8.ForwardParser()
                    continue
                }
                bytes.removeFirst(min(length, bytes.count))
                waiting = ["\u{FFFD}"]
                return
            case .emptyInput: return
            }
        }
    }

    /// Reads what is there, or comes within a moment.
    private mutating func more() -> Bool {
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard Glibc.poll(&poll, 1, Self.milliseconds) > 0 else { return false }
        return read()
    }

    private mutating func read() -> Bool {
        var piece = [UInt8](repeating: 0, count: 4096)
        let count = piece.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
        if count > 0 { bytes += piece[..<count] }
        return count > 0
    }

    /// Waits for bytes; returns why none will come.
    private mutating func fill() -> Key? {
        while true {
            var polls = [
                pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: waking, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&polls, 2, -1) > 0 else {
                if errno == EINTR { continue }
                return .end
            }
            if polls[1].revents != 0 { return .woken }
            return read() ? nil : .end
        }
    }
}
