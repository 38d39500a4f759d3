import Messages

/// A text to be tokenized, or tokens to become a text. That may take a good part of a second, so the engine leaves it to
/// its shell, one job at a time, and takes the ``TextResult`` back.
public struct TextJob: Sendable, Equatable {
    enum Work: Sendable, Equatable {
        case tokens(of: Prompt)
        case text(of: [Int32])
    }

    let number: UInt64
    let work: Work

    /// Does it, on any thread.
    public func run(_ model: ServedModel, limits: RequestLimits) -> TextResult {
        TextResult(number: number, outcome: Result { () throws(Refusal) in try outcome(model, limits) })
    }

    private func outcome(_ model: ServedModel, _ limits: RequestLimits) throws(Refusal) -> TextResult.Outcome {
        switch work {
        case .tokens(let prompt):
            .tokens(TextResult.Tokens(ids: try model.tokens(of: prompt), warnings: model.warnings(of: prompt)))
        case .text(let tokens): .text(try model.text(of: tokens, limits: limits))
        }
    }
}

/// What a ``TextJob`` gave.
public struct TextResult: Sendable {
    struct Tokens: Sendable {
        let ids: [Int32]
        /// What is to be said of the text.
        let warnings: [String]
    }

    enum Outcome: Sendable {
        case tokens(Tokens)
        case text([UInt8])
    }

    let number: UInt64
    let outcome: Result<Outcome, Refusal>
}
