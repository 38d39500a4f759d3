import Messages
import Sampling

/// A row of the activations whose logits are wanted, and what for.
struct WantedRow: Sendable {
    let row: Int
    let slice: Int
    /// nil: sample a token.
    let target: Int32?

    static func rows(of batch: Batch) throws(BatchError) -> [WantedRow] {
        var wanted: [WantedRow] = []
        var firstRow = 0
        for (index, slice) in batch.slices.enumerated() {
            try wanted.append(contentsOf: rows(of: slice, at: index, firstRow: firstRow))
            firstRow += slice.tokens.count
        }
        return wanted
    }

    /// - Parameter firstRow: the slice's first row in the batch.
    private static func rows(of slice: Slice, at index: Int, firstRow: Int) throws(BatchError) -> [WantedRow] {
        var rows: [WantedRow] = []
        if let score = slice.score {
            guard Int(score.firstRow) + score.targets.count <= slice.tokens.count else {
                throw BatchError(description: "more targets than rows in a slice")
            }
            for (offset, target) in score.targets.enumerated() {
                rows.append(WantedRow(row: firstRow + Int(score.firstRow) + offset, slice: index, target: target))
            }
        }
        if slice.sample != nil {
            rows.append(WantedRow(row: firstRow + slice.tokens.count - 1, slice: index, target: nil))
        }
        return rows
    }

    /// - Parameter unused: tokens that are not sampled unless the slice's parameters allow them.
    func outcome(of logits: Span<Float>, slice: Slice, unused: TokenSet?) -> RowOutcome {
        do throws(SamplingError) {
            if let target {
                let alternatives = Int(slice.score?.alternatives ?? 0)
                return .scored(
                    TokenResult(try Sampler.score(logits: logits, target: target, alternatives: alternatives)))
            }
            guard let sample = slice.sample else { return .nothing }
            let sampled = try Sampler.sample(
                logits: logits, parameters: SamplingParameters(sample.parameters),
                history: TokenHistory(sample.history, promptCount: Int(sample.promptCount)),
                at: SamplePosition(sequenceIndex: slice.index, position: slice.start + UInt32(slice.tokens.count)),
                alternatives: Int(sample.alternatives), unused: sample.parameters.allowUnusedIDs ? nil : unused)
            return .sampled(TokenResult(sampled))
        } catch {
            return .failed("\(error)")
        }
    }
}

/// What came of a row's logits.
enum RowOutcome: Sendable {
    case nothing
    case scored(TokenResult)
    case sampled(TokenResult)
    case failed(String)
}

extension SequenceResult {
    /// In the order of the rows; nothing follows an error.
    mutating func take(_ outcome: RowOutcome) {
        guard error == nil else { return }
        switch outcome {
        case .nothing: break
        case .scored(let token): scores.append(token)
        case .sampled(let token): sampled = token
        case .failed(let reason): error = reason
        }
    }
}

extension TokenResult {
    fileprivate init(_ token: SampledToken) {
        self.init(
            token: token.token, logprob: token.logprob,
            alternatives: token.alternatives.map { Alternative(token: $0.token, logprob: $0.logprob) })
    }
}
