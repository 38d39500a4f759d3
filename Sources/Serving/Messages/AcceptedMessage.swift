/// The first answer to a `Generate` or a `Score`: what the request runs with.
public struct Accepted: Sendable, Equatable {
    /// The most end tokens that a model may have.
    public static let mostEndTokens = 64
    /// The most warnings that one answer brings.
    public static let mostWarnings = 32

    public var requestID: UInt64
    /// nil for a `Score`.
    public var sampling: SamplingSettings?
    /// Tokens of the model that end the text; none for a `Score`.
    public var endTokens: [Int32] = []
    public var promptTokens: UInt32
    /// One line each, for people.
    public var warnings: [String] = []
    /// Of the arithmetic: equal ones compute the same bits.
    public var numericsVersion: UInt32
    /// Identity of the model, 32 bytes.
    public var modelSHA256: [UInt8]
    /// Identity of its tokenizer, 32 bytes.
    public var tokenizerSHA256: [UInt8]

    /// - Parameter fill: sets the rest.
    public init(
        requestID: UInt64, promptTokens: UInt32, numericsVersion: UInt32, modelSHA256: [UInt8],
        tokenizerSHA256: [UInt8], _ fill: (inout Accepted) -> Void = { _ in }
    ) {
        self.requestID = requestID
        self.promptTokens = promptTokens
        self.numericsVersion = numericsVersion
        self.modelSHA256 = modelSHA256
        self.tokenizerSHA256 = tokenizerSHA256
        fill(&self)
    }
}

/// The tokens of a text.
public struct Tokenized: Sendable, Equatable {
    public var requestID: UInt64
    public var tokens: [Int32]
    /// One line each, for people.
    public var warnings: [String]

    public init(requestID: UInt64, tokens: [Int32], warnings: [String] = []) {
        self.requestID = requestID
        self.tokens = tokens
        self.warnings = warnings
    }
}
