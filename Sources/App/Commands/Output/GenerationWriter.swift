import Console
import Foundation
import Messages
import Observe

/// Shows the answers to a `Generate`.
protocol GenerationWriter: AnyObject {
    func begin(_ accepted: Accepted)
    func write(_ piece: Piece) throws
    func write(_ done: Done) throws
    func finish() throws
}

extension GenerationWriter {
    func begin(_ accepted: Accepted) {}
}

/// One continuation: text as it comes, and a newline at the end where a person reads it.
final class StreamingTextWriter: GenerationWriter {
    private var lastByte: UInt8?

    func write(_ piece: Piece) {
        StandardOutput.write(piece.text)
        lastByte = piece.text.last ?? lastByte
    }

    func write(_ done: Done) {}

    func finish() {
        if lastByte != UInt8(ascii: "\n") { StandardOutput.write("\n") }
    }
}

/// Several continuations, one after the other, each with its number above it: the first that is not complete as it comes,
/// those behind it when it is their turn.
final class NumberedTextWriter: GenerationWriter {
    private var waiting: [UInt32: [UInt8]] = [:]
    private var complete: Set<UInt32> = []
    private var current: UInt32 = 0
    private var isHeaded = false
    private var lastByte: UInt8?

    func write(_ piece: Piece) {
        waiting[piece.index, default: []] += piece.text
        showCurrent()
    }

    func write(_ done: Done) {
        complete.insert(done.index)
        showCurrent()
        while complete.contains(current) {
            if lastByte != UInt8(ascii: "\n") { StandardOutput.write("\n") }
            current += 1
            isHeaded = false
            showCurrent()
        }
    }

    func finish() {}

    private func showCurrent() {
        guard let text = waiting.removeValue(forKey: current) ?? (complete.contains(current) ? [] : nil) else { return }
        if !isHeaded { StandardOutput.write(current == 0 ? "[1]\n" : "\n[\(current + 1)]\n") }
        if !isHeaded { lastByte = nil }
        isHeaded = true
        StandardOutput.write(text)
        lastByte = text.last ?? lastByte
    }
}

/// JSON lines.
final class JSONGenerationWriter: GenerationWriter {
    private let streams: Bool
    private var lines: GenerationLines

    init(streams: Bool, logprobs: Bool) {
        self.streams = streams
        lines = GenerationLines(logprobs: logprobs)
    }

    func begin(_ accepted: Accepted) { lines.begin(accepted) }

    func write(_ piece: Piece) throws {
        let line = lines.line(piece)
        if streams { try JSONLine.write(line) }
    }

    func write(_ done: Done) throws { try JSONLine.write(lines.line(done)) }

    func finish() {}
}
