import Messages

/// What comes of a `Generate`.
public enum GenerationEvent: Sendable, Equatable {
    /// What it runs with: comes first, once.
    case accepted(Accepted)
    /// New text of one sequence.
    case piece(Piece)
    /// One sequence has ended.
    case done(Done)

    init?(_ reply: ClientReply) {
        switch reply {
        case .accepted(let accepted): self = .accepted(accepted)
        case .piece(let piece): self = .piece(piece)
        case .done(let done): self = .done(done)
        default: return nil
        }
    }
}

/// What comes of a `Score`.
public enum ScoreEvent: Sendable, Equatable {
    /// What it runs with: comes first, once.
    case accepted(Accepted)
    /// Scores of the next tokens.
    case piece(ScorePiece)
    /// The text has ended.
    case done(Done)

    init?(_ reply: ClientReply) {
        switch reply {
        case .accepted(let accepted): self = .accepted(accepted)
        case .scorePiece(let piece): self = .piece(piece)
        case .done(let done): self = .done(done)
        default: return nil
        }
    }
}
