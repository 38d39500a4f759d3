import Messages

/// What comes of a generation as JSON objects: one for each piece, and one for each continuation when it is complete.
package struct GenerationLines {
    private let logprobs: Bool
    private let prompt: String?
    private var collected: [UInt32: Collected] = [:]
    private var settings: UsedSettings?

    private struct Collected {
        var text: [UInt8] = []
        var tokens: [Int32] = []
        var logprobs: [TokenResult] = []
    }

    /// - Parameters:
    ///   - logprobs: whether log-probabilities were asked for.
    ///   - prompt: in UTF-8, where it is to be reported.
    package init(logprobs: Bool, prompt: [UInt8]? = nil) {
        self.logprobs = logprobs
        self.prompt = prompt.map { String(decoding: $0, as: UTF8.self) }
    }

    package mutating func begin(_ accepted: Accepted) { settings = UsedSettings(accepted) }

    /// New text of a continuation.
    package mutating func line(_ piece: Piece) -> PieceLine {
        var all = collected[piece.index] ?? Collected()
        all.text += piece.text
        all.tokens += piece.tokens
        all.logprobs += piece.logprobs
        collected[piece.index] = all
        return PieceLine(
            index: piece.index, tokenOffset: piece.tokenOffset, text: String(decoding: piece.text, as: UTF8.self),
            tokens: piece.tokens, logprobs: logprobs ? piece.logprobs.map(TokenLine.init) : nil)
    }

    /// A continuation as it is in the end.
    package mutating func line(_ done: Done) -> DoneLine {
        let all = collected.removeValue(forKey: done.index) ?? Collected()
        return DoneLine(
            index: done.index, prompt: prompt, text: String(decoding: all.text, as: UTF8.self), tokens: all.tokens,
            finishReason: done.reason.name, contextFull: done.isContextFull ? true : nil, seed: done.seed,
            promptTokens: done.promptTokens,
            sampling: settings?.sampling, endTokens: settings?.endTokens, numericsVersion: settings?.numericsVersion,
            logprobs: logprobs ? all.logprobs.map(TokenLine.init) : nil)
    }

    package struct PieceLine: Encodable {
        let index: UInt32
        let tokenOffset: UInt32
        let text: String
        let tokens: [Int32]
        let logprobs: [TokenLine]?
    }

    package struct DoneLine: Encodable {
        let index: UInt32
        let prompt: String?
        let text: String
        let tokens: [Int32]
        let finishReason: String
        /// With `length`: the context was full before the maximum of tokens.
        let contextFull: Bool?
        let seed: UInt64
        let promptTokens: UInt32
        let sampling: UsedSettings.Sampling?
        let endTokens: [Int32]?
        let numericsVersion: UInt32?
        let logprobs: [TokenLine]?
    }
}

/// A token's log-probability and the likeliest tokens at its place, as in JSON.
package struct TokenLine: Encodable {
    package struct Alternative: Encodable {
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

extension FinishReason {
    /// As in JSON.
    fileprivate var name: String {
        switch self {
        case .stop: "stop"
        case .length: "length"
        case .cancelled: "cancelled"
        }
    }
}
