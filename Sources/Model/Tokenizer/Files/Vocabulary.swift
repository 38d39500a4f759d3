import JSON

/// What vocab.json says, or the vocabulary of tokenizer.json: the id of every key, and the key of every id that has one.
///
/// Keys are kept as UTF-8 bytes: as strings, two keys that Unicode holds to be canonically equivalent would be one.
struct Vocabulary {
    /// Most tokens accepted, and above all ids; GPT-2 has 50257.
    static let largestCount = 1 << 20

    /// The ids by key.
    let ids: [[UInt8]: Int32]
    /// The keys by id; nil where no token has the id.
    let keys: [[UInt8]?]

    /// Reads vocab.json.
    ///
    /// - Throws: if the file is no flat object of keys and whole numbers, or two keys have one id.
    init(_ file: TokenizerFile) throws(TokenizerError) {
        var reader = JSONReader<TokenizerError>(file.contents, file: file.name)
        let entries = try Self.entries(from: &reader, file: file.name)
        try reader.finish()
        try self.init(entries, file: file.name)
    }

    /// - Throws: if there are no tokens, or two keys have one id.
    init(_ entries: [(key: [UInt8], id: Int)], file: String) throws(TokenizerError) {
        guard let greatest = entries.map(\.id).max() else { throw TokenizerError(file, "has no tokens") }
        var ids = [[UInt8]: Int32](minimumCapacity: entries.count)
        var keys = [[UInt8]?](repeating: nil, count: greatest + 1)
        for (key, id) in entries {
            if let other = keys[id] {
                throw TokenizerError(file, "tokens \(quoted(other)) and \(quoted(key)) both have id \(id)")
            }
            ids[key] = Int32(id)
            keys[id] = key
        }
        self.ids = ids
        self.keys = keys
    }

    /// Reads an object of keys and ids, whose keys are all different.
    static func entries(
        from reader: inout JSONReader<TokenizerError>, file: String
    ) throws(TokenizerError) -> [(key: [UInt8], id: Int)] {
        var entries: [(key: [UInt8], id: Int)] = []
        try reader.readMembers(of: "tokens", atMost: largestCount) { (reader, key) throws(TokenizerError) in
            guard !key.isEmpty else { throw TokenizerError(file, "has an empty token") }
            let id = try reader.readCount()
            guard id < largestCount else {
                throw reader.failure("the id of token \(quoted(key)) is not below \(largestCount)")
            }
            entries.append((key, id))
        }
        return entries
    }
}
