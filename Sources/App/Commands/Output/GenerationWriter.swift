import Foundation
import Messages

/// Shows the answers to a `Generate`.
protocol GenerationWriter: AnyObject {
    func write(_ piece: Piece) throws
    func write(_ done: Done) throws
    func finish() throws
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
    private let logprobs: Bool
    private var collected: [UInt32: Piece] = [:]

    init(streams: Bool, logprobs: Bool) {
        self.streams = streams
        self.logprobs = logprobs
    }

    func write(_ piece: Piece) throws {
        collected[piece.index, default: piece.emptied].append(piece)
        guard streams else { return }
        try JSONLine.write(
            PieceLine(
                index: piece.index, tokenOffset: piece.tokenOffset, text: String(decoding: piece.text, as: UTF8.self),
                tokens: piece.tokens, logprobs: logprobs ? piece.logprobs.map(TokenLine.init) : nil))
    }

    func write(_ done: Done) throws {
        let all =
            collected[done.index]
            ?? Piece(requestID: done.requestID, index: done.index, tokenOffset: 0, text: [], tokens: [])
        try JSONLine.write(
            DoneLine(
                index: done.index, text: String(decoding: all.text, as: UTF8.self), tokens: all.tokens,
                finishReason: done.reason.name, seed: done.seed, promptTokens: done.promptTokens,
                logprobs: logprobs ? all.logprobs.map(TokenLine.init) : nil))
    }

    func finish() {}
}

extension Piece {
    fileprivate var emptied: Piece { Piece(requestID: requestID, index: index, tokenOffset: 0, text: [], tokens: []) }

    fileprivate mutating func append(_ next: Piece) {
        text += next.text
        tokens += next.tokens
        logprobs += next.logprobs
    }
}

extension FinishReason {
    /// As in `--json`.
    var name: String {
        switch self {
        case .stop: "stop"
        case .length: "length"
        case .cancelled: "cancelled"
        }
    }
}

private struct PieceLine: Encodable {
    let index: UInt32
    let tokenOffset: UInt32
    let text: String
    let tokens: [Int32]
    let logprobs: [TokenLine]?
}

private struct DoneLine: Encodable {
    let index: UInt32
    let text: String
    let tokens: [Int32]
    let finishReason: String
    let seed: UInt64
    let promptTokens: UInt32
    let logprobs: [TokenLine]?
}

/// A token's log-probability and the likeliest tokens at its place, as in JSON.
struct TokenLine: Encodable {
    struct Alternative: Encodable {
        let token: Int32
        let logprob: Float
    }

    let token: Int32
    let logprob: Float
    let alternatives: [Alternative]

    init(_ result: TokenResult) {
        token = result.token
        logprob = result.logprob
        alternatives = result.alternatives.map { Alternative(token: $0.token, logprob: $0.logprob) }
    }
}
