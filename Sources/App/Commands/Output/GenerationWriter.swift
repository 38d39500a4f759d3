import Console
import Messages
import Observe

/// Shows the answers to a `Generate`.
protocol GenerationWriter: AnyObject {
    func begin(_ accepted: Accepted) throws
    func write(_ piece: Piece) throws
    func write(_ done: Done) throws
    func finish() throws
}

/// Text on standard output that ends with a newline, whatever its own end.
private struct OutputLine {
    private var lastByte: UInt8?

    /// A prompt, dim where a terminal shows it.
    mutating func begin(prompt: [UInt8]) throws {
        let style = TextStyle.standardOutput
        try StandardOutput.write(style.isOn ? Array(style.dim(String(decoding: prompt, as: UTF8.self)).utf8) : prompt)
        lastByte = prompt.last
    }

    mutating func write(_ text: [UInt8]) throws {
        try StandardOutput.write(text)
        lastByte = text.last ?? lastByte
    }

    func end() throws { if lastByte != UInt8(ascii: "\n") { try StandardOutput.write("\n") } }
}

/// One continuation: text as it comes.
final class StreamingTextWriter: GenerationWriter {
    private let prompt: [UInt8]
    private var line = OutputLine()

    init(prompt: [UInt8]) { self.prompt = prompt }

    func begin(_ accepted: Accepted) throws { try line.begin(prompt: prompt) }

    func write(_ piece: Piece) throws { try line.write(piece.text) }

    func write(_ done: Done) {}

    func finish() throws { try line.end() }
}

/// Several continuations, one after the other: the first that is not complete as it comes, those behind it when it is
/// their turn. A terminal shows their numbers above them.
final class SeveralTextsWriter: GenerationWriter {
    private let prompt: [UInt8]
    private let isNumbered = StandardOutput.isTerminal
    private var waiting: [UInt32: [UInt8]] = [:]
    private var complete: Set<UInt32> = []
    private var current: UInt32 = 0
    private var line: OutputLine?

    init(prompt: [UInt8]) { self.prompt = prompt }

    func begin(_ accepted: Accepted) {}

    func write(_ piece: Piece) throws {
        waiting[piece.index, default: []] += piece.text
        try showCurrent()
    }

    func write(_ done: Done) throws {
        complete.insert(done.index)
        try showCurrent()
        while complete.contains(current) {
            try line?.end()
            current += 1
            line = nil
            try showCurrent()
        }
    }

    func finish() {}

    private func showCurrent() throws {
        guard let text = waiting.removeValue(forKey: current) ?? (complete.contains(current) ? [] : nil) else { return }
        var shown: OutputLine
        if let line {
            shown = line
        } else {
            if isNumbered {
                try StandardOutput.write(
                    (current == 0 ? "" : "\n") + TextStyle.standardOutput.dim("[\(current + 1)]") + "\n")
            }
            shown = OutputLine()
            try shown.begin(prompt: prompt)
        }
        try shown.write(text)
        line = shown
    }
}

/// JSON lines.
final class JSONGenerationWriter: GenerationWriter {
    private let streams: Bool
    private var lines: GenerationLines

    /// - Parameter prompt: to be reported; nil: it is not.
    init(streams: Bool, logprobs: Bool, prompt: [UInt8]?) {
        self.streams = streams
        lines = GenerationLines(logprobs: logprobs, prompt: prompt)
    }

    func begin(_ accepted: Accepted) { lines.begin(accepted) }

    func write(_ piece: Piece) throws {
        let line = lines.line(piece)
        if streams { try JSONLine.write(line) }
    }

    func write(_ done: Done) throws { try JSONLine.write(lines.line(done)) }

    func finish() {}
}
