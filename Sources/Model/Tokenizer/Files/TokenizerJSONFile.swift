import JSON

/// What tokenizer.json says, as it is written there.
struct TokenizerJSONFile {
    let name: String
    let vocabulary: Vocabulary
    private(set) var merges: [(left: [UInt8], right: [UInt8])] = []
    /// The added tokens with the ids that they are declared to have.
    private(set) var addedTokens: [(id: Int, token: AddedToken)] = []
    /// `normalizer`, `pre_tokenizer`, `post_processor`, `decoder` and `padding`.
    private(set) var parts: [String: JSONValue] = [:]
    /// The members of `model` beside its vocabulary and merges.
    private(set) var model: [String: JSONValue] = [:]

    private static let partNames: Set = ["normalizer", "pre_tokenizer", "post_processor", "decoder", "padding"]

    /// - Throws: naming the file and what is wrong, also if it is another model than byte-pair encoding.
    init(_ file: TokenizerFile) throws(TokenizerError) {
        name = file.name
        var reader = JSONReader<TokenizerError>(file.contents, file: file.name)
        var content = Content(file: file.name)
        try reader.readObject(of: "fields") { (reader, field) throws(TokenizerError) in
            switch field {
            case "model": try content.readModel(from: &reader)
            case "added_tokens": try content.readAddedTokens(from: &reader)
            case _ where Self.partNames.contains(field): content.parts[field] = try reader.readValue()
            default: try reader.skipValue()
            }
        }
        try reader.finish()
        (merges, addedTokens, parts, model) = (content.merges, content.addedTokens, content.parts, content.model)
        try Self.checkType(model["type"], hasModel: content.hasModel, file: name)
        vocabulary = try Vocabulary(content.entries, file: name)
    }

    /// Older files have no `type`; nor has anything else than byte-pair encoding merges.
    private static func checkType(_ type: JSONValue?, hasModel: Bool, file: String) throws(TokenizerError) {
        guard hasModel else { throw TokenizerError(file, "has no model") }
        guard let type else { return }
        guard type.string == "BPE" else {
            throw TokenizerError(file, "model.type: \(described(type)) is not supported, only BPE is")
        }
    }
}

/// The members of tokenizer.json while they are read.
private struct Content {
    let file: String
    var hasModel = false
    var entries: [(key: [UInt8], id: Int)] = []
    var merges: [(left: [UInt8], right: [UInt8])] = []
    var addedTokens: [(id: Int, token: AddedToken)] = []
    var parts: [String: JSONValue] = [:]
    var model: [String: JSONValue] = [:]

    init(file: String) { self.file = file }

    mutating func readModel(from reader: inout JSONReader<TokenizerError>) throws(TokenizerError) {
        hasModel = true
        var content = self
        try reader.readObject(of: "fields in model") { (reader, field) throws(TokenizerError) in
            switch field {
            // Other models have arrays here; their type is refused in the end.
            case "vocab" where reader.isAtArray(): try reader.skipValue()
            case "vocab": content.entries = try Vocabulary.entries(from: &reader, file: content.file)
            case "merges": try content.readMerges(from: &reader)
            default: content.model[field] = try reader.readValue()
            }
        }
        self = content
    }

    /// Merges are strings with a space, or, in newer files, pairs.
    private mutating func readMerges(from reader: inout JSONReader<TokenizerError>) throws(TokenizerError) {
        var merges: [(left: [UInt8], right: [UInt8])] = []
        let file = file
        try reader.readArray { (reader) throws(TokenizerError) in
            guard merges.count < MergeList.largestCount else {
                throw reader.tooMany("merges", limit: MergeList.largestCount)
            }
            if reader.isAtArray() {
                var pair: [[UInt8]] = []
                try reader.readArray { (reader) throws(TokenizerError) in
                    guard pair.count < 2 else { throw reader.failure("a merge of more than two tokens") }
                    pair.append(try reader.readBytes())
                }
                guard pair.count == 2 else { throw reader.failure("a merge of fewer than two tokens") }
                merges.append((pair[0], pair[1]))
            } else {
                let line = try reader.readBytes()
                if MergeList.isVersion(line[...]) { return }
                guard let (left, right) = MergeList.pair(of: line[...]) else {
                    throw MergeList.notAPair(line[...], "\(file): model.merges")
                }
                merges.append((Array(left), Array(right)))
            }
        }
        self.merges = merges
    }

    mutating func readAddedTokens(from reader: inout JSONReader<TokenizerError>) throws(TokenizerError) {
        if try reader.readNull() { return }
        var tokens: [(id: Int, token: AddedToken)] = []
        let file = file
        try reader.readArray { (reader) throws(TokenizerError) in
            guard tokens.count < Vocabulary.largestCount else {
                throw reader.tooMany("added tokens", limit: Vocabulary.largestCount)
            }
            let value = try reader.readValue()
            let place = "\(file): added_tokens: number \(tokens.count)"
            guard let id = value["id"]?.integer, id >= 0, id < Vocabulary.largestCount else {
                throw TokenizerError(place, "expected an id from 0 to \(Vocabulary.largestCount - 1)")
            }
            tokens.append((id, try AddedToken(value, place: place)))
        }
        addedTokens = tokens
    }
}

/// A value of a file in an error's line.
func described(_ value: JSONValue?) -> String {
    guard let value else { return "nothing" }
    return value.string.map { quoted($0.utf8) } ?? value.kind
}
