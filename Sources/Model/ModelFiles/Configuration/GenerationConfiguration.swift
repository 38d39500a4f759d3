import JSON

/// What a model's files say about generating with it: `generation_config.json`, and `config.json`'s end tokens. Sampling
/// settings count where they are written, and Hugging Face's own defaults never.
public struct GenerationDefaults: Sendable, Equatable {
    /// The most tokens that may end a text.
    public static let mostEndTokens = 64

    /// 0 also where `do_sample` is written and false.
    public private(set) var temperature: Float?
    /// 0: off.
    public private(set) var topK: UInt32?
    public private(set) var topP: Float?
    public private(set) var minP: Float?
    public private(set) var repetitionPenalty: Float?
    /// Tokens that end a text; nil where neither file names any.
    public private(set) var endTokens: [Int32]?
    /// What is asked for and not done, as it stands in the file: "num_beams 4".
    public private(set) var notDone: [String] = []
    private let path: String

    /// Reads both files of a model's directory; `generation_config.json` need not be there.
    /// - Throws: ``ModelFileError`` that names file and field, for what is no JSON, of the wrong type or out of range.
    public init(directory: String, vocabularySize: Int) throws(ModelFileError) {
        path = filePath(ModelDirectory.FileName.generation, in: directory)
        if exists(path) {
            let file = try SettingsFile(path)
            try readSampling(file)
            endTokens = try file.endTokens(vocabularySize: vocabularySize)
            notDone = UndoneSetting.all.compactMap { $0.description(in: file.fields) }
        }
        let configuration = ModelDirectory(directory).configuration
        if endTokens == nil, exists(configuration) {
            endTokens = try SettingsFile(configuration).endTokens(vocabularySize: vocabularySize)
        }
    }

    /// A line for people about ``notDone``; nil where everything is done.
    public var notice: String? {
        guard !notDone.isEmpty else { return nil }
        return "\(path): asks for \(notDone.joined(separator: ", ")): not done here, and generations go without"
    }

    private mutating func readSampling(_ file: SettingsFile) throws(ModelFileError) {
        temperature = try file.number("temperature", in: 0...100)
        topK = try file.count("top_k")
        topP = try file.number("top_p", in: 0...1)
        minP = try file.number("min_p", in: 0...1)
        repetitionPenalty = try file.number("repetition_penalty", in: 0.01...100)
        if try file.flag("do_sample") == false { temperature = 0 }
    }
}

extension SettingsFile {
    fileprivate func number(_ field: String, in range: ClosedRange<Float>) throws(ModelFileError) -> Float? {
        guard let value = fields.member(field) else { return nil }
        guard let number = value.number else { throw error(field, "is \(value.kind), not a number") }
        guard range.contains(Float(number)) else {
            throw error(field, "\(number) is not within \(range.lowerBound) to \(range.upperBound)")
        }
        return Float(number)
    }

    fileprivate func count(_ field: String) throws(ModelFileError) -> UInt32? {
        guard let value = fields.member(field) else { return nil }
        guard let count = value.integer.flatMap({ UInt32(exactly: $0) }) else {
            throw error(field, "\(value.shortText) is no whole number from 0 to \(UInt32.max)")
        }
        return count
    }

    /// `eos_token_id`: one or a list, each once.
    fileprivate func endTokens(vocabularySize: Int) throws(ModelFileError) -> [Int32]? {
        guard let value = fields.member("eos_token_id") else { return nil }
        let values = value.elements ?? [value]
        guard values.count <= GenerationDefaults.mostEndTokens else {
            throw .tooMany(file: path, what: "tokens in eos_token_id", limit: GenerationDefaults.mostEndTokens)
        }
        var tokens: [Int32] = []
        for value in values {
            guard let id = value.integer, id >= 0, id < vocabularySize, let token = Int32(exactly: id) else {
                throw error("eos_token_id", "\(value.shortText) is no token: ids go from 0 to \(vocabularySize - 1)")
            }
            if !tokens.contains(token) { tokens.append(token) }
        }
        return tokens
    }
}

/// A setting of `generation_config.json` that changes what is generated, and is not done.
private struct UndoneSetting {
    let field: String
    /// The number that changes nothing; nil where null, false and empty ones do.
    let neutral: Double?

    static let all =
        [("num_beams", 1), ("num_beam_groups", 1), ("diversity_penalty", 0), ("num_return_sequences", 1)]
        .map { UndoneSetting(field: $0, neutral: $1) }
        + [
            ("no_repeat_ngram_size", 0), ("encoder_no_repeat_ngram_size", 0), ("encoder_repetition_penalty", 1),
            ("typical_p", 1), ("epsilon_cutoff", 0), ("eta_cutoff", 0), ("penalty_alpha", 0), ("guidance_scale", 1),
        ].map { UndoneSetting(field: $0, neutral: $1) }
        + [
            "top_h", "bad_words_ids", "suppress_tokens", "begin_suppress_tokens", "forced_bos_token_id",
            "forced_eos_token_id", "force_words_ids", "constraints", "sequence_bias", "renormalize_logits",
            "exponential_decay_length_penalty", "watermarking_config", "dola_layers", "token_healing", "stop_strings",
            "max_time",
        ].map { UndoneSetting(field: $0, neutral: nil) }

    /// "num_beams 4", or the field alone where its value is long; nil where it changes nothing.
    func description(in fields: JSONValue) -> String? {
        guard let value = fields.member(field) else { return nil }
        switch value {
        case .bool(false), .null: return nil
        case .array(let elements): return elements.isEmpty ? nil : field
        case .object(let members): return members.isEmpty ? nil : field
        case .bool, .string: return field
        case .integer, .number: return value.number == neutral ? nil : "\(field) \(value.shortText)"
        }
    }
}
