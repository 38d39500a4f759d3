import Messages

/// A request of so many sequences.
func generate(sequences: UInt32 = 1) -> Generate {
    Generate(requestID: 0, prompt: Prompt(content: .text(Array("Once".utf8))), sequences: sequences)
}

let score = Score(requestID: 0, prompt: Prompt(content: .text(Array("Once".utf8))))

func piece(_ requestID: UInt64, _ number: Int32, index: UInt32 = 0) -> Piece {
    Piece(requestID: requestID, index: index, tokenOffset: 0, text: Array("\(number)".utf8), tokens: [number])
}

func scorePiece(_ requestID: UInt64, _ number: Int32) -> ScorePiece {
    ScorePiece(requestID: requestID, tokenOffset: 0, scores: [], unscoredToken: number)
}

func done(_ requestID: UInt64, index: UInt32 = 0, _ reason: FinishReason = .length) -> Done {
    Done(requestID: requestID, index: index, reason: reason, seed: 1, promptTokens: 1, generatedTokens: 1)
}

func failure(_ requestID: UInt64, _ message: String) -> ClientReply {
    .failure(Failure(requestID: requestID, code: .badRequest, message: message))
}

func status(_ requestID: UInt64) -> Status {
    Status(requestID: requestID) {
        $0.model = "demo"
        $0.modelSHA256 = [UInt8](repeating: 1, count: 32)
    }
}

func accepted(_ requestID: UInt64) -> Accepted {
    let identity = [UInt8](repeating: 1, count: 32)
    return Accepted(
        requestID: requestID, promptTokens: 1, numericsVersion: 1, modelSHA256: identity, tokenizerSHA256: identity)
}
