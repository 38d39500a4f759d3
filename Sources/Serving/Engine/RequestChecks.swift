import Messages
import Tokenizer

extension ServedModel {
    /// The prompt's tokens, every one of them in the vocabulary.
    func tokens(of prompt: Prompt) throws(Refusal) -> [Int32] {
        switch prompt.content {
        case .text(let bytes):
            guard String(validating: bytes, as: UTF8.self) != nil else { throw .badRequest("the text is not UTF-8") }
            let tokens = tokenizer.encode(utf8: bytes, specialTokens: prompt.specialTokens)
            try check(tokens, called: "the text's token")
            return tokens
        case .tokens(let tokens):
            try check(tokens, called: "token")
            return tokens
        }
    }

    /// Refuses a prompt that is longer than any may be.
    func checkSize(of prompt: Prompt, limits: RequestLimits) throws(Refusal) {
        switch prompt.content {
        case .text(let bytes):
            guard bytes.count <= limits.promptBytes else {
                throw .badRequest("the text has \(bytes.count) bytes, and at most \(limits.promptBytes) are taken")
            }
        case .tokens(let tokens):
            guard tokens.count <= limits.promptBytes else {
                throw .badRequest("\(tokens.count) tokens given, and at most \(limits.promptBytes) are taken")
            }
        }
    }

    /// Refuses a text that has too many bytes for the context, however it is tokenized.
    func checkFits(_ prompt: Prompt) throws(Refusal) {
        guard case .text(let bytes) = prompt.content else { return }
        let tokens = tokenizer.fewestTokens(ofBytes: bytes.count)
        guard tokens <= context else {
            throw .badRequest(
                "the prompt has \(bytes.count) bytes, so at least \(tokens) tokens, and the model's context is "
                    + "\(context)")
        }
    }

    /// The bytes of tokens, as many as a text may have.
    func text(of tokens: [Int32], limits: RequestLimits) throws(Refusal) -> [UInt8] {
        try check(tokens, called: "token")
        var text: [UInt8] = []
        for token in tokens {
            text += tokenizer.bytes(of: token) ?? []
            guard text.count <= limits.promptBytes else {
                throw .badRequest("the text has more than \(limits.promptBytes) bytes, which is the most there can be")
            }
        }
        return text
    }

    /// The tokens that a generation starts from: at least one, and no more than the context.
    func prompt(_ tokens: [Int32]) throws(Refusal) -> [Int32] {
        let prompt = tokens.isEmpty ? startOfText.map { [$0] } ?? [] : tokens
        guard !prompt.isEmpty else { throw .badRequest("the prompt is empty") }
        guard prompt.count <= context else {
            throw .badRequest("the prompt has \(prompt.count) tokens, and the model's context is \(context)")
        }
        return prompt
    }

    /// The token to put before a text so that its first token is scored too.
    func endOfTextToPutBefore() throws(Refusal) -> Int32 {
        guard let startOfText else { throw .badRequest("this model has no <|endoftext|> to put before the text") }
        return startOfText
    }

    func check(_ tokens: [Int32], called name: String) throws(Refusal) {
        if let bad = tokens.first(where: { $0 < 0 || $0 >= vocabularySize }) {
            throw .badRequest("\(name) \(bad) is not in the vocabulary: ids go from 0 to \(vocabularySize - 1)")
        }
    }

    func check(model: String?) throws(Refusal) {
        if let model, model != name {
            throw .badRequest("no model '\(model)' here: this cluster serves '\(name)'")
        }
    }
}

extension Generate {
    func check(_ limits: RequestLimits, model: ServedModel) throws(Refusal) {
        try model.check(model: self.model)
        guard (1...UInt32(limits.sequences)).contains(sequences) else {
            throw .badRequest("\(sequences) sequences asked for: between 1 and \(limits.sequences) can be")
        }
        guard stopStrings.count <= limits.stopStrings,
            stopStrings.allSatisfy({ (1...limits.stopStringBytes).contains($0.count) })
        else {
            throw .badRequest(
                "at most \(limits.stopStrings) stop strings of 1 to \(limits.stopStringBytes) bytes are taken")
        }
        guard stopStrings.allSatisfy({ String(validating: $0, as: UTF8.self) != nil }) else {
            throw .badRequest("a stop string is not UTF-8")
        }
        guard stopTokens.count <= limits.stopTokens else {
            throw .badRequest("\(stopTokens.count) stop tokens given, and at most \(limits.stopTokens) are taken")
        }
        try model.check(stopTokens, called: "stop token")
        guard parameters.logitBias.count <= limits.logitBiases else {
            throw .badRequest("at most \(limits.logitBiases) logit biases are taken")
        }
        try model.check(parameters.logitBias.map(\.token), called: "logit bias for token")
        try checkAlternatives(alternatives, limits)
    }
}

extension Score {
    func check(_ limits: RequestLimits, model: ServedModel) throws(Refusal) {
        try model.check(model: self.model)
        if let stride, !(1...UInt32(model.context)).contains(stride) {
            throw .badRequest("the stride is \(stride), but must be between 1 and the context, \(model.context)")
        }
        try checkAlternatives(alternatives, limits)
    }
}

private func checkAlternatives(_ count: UInt32, _ limits: RequestLimits) throws(Refusal) {
    guard count <= limits.alternatives else {
        throw .badRequest("\(count) alternatives asked for: at most \(limits.alternatives) can be")
    }
}
