import JSON

/// What vocab.json says: the key of every token id, and the id of every key.
///
/// Keys are kept as UTF-8 bytes: as strings, two keys that Unicode holds to be canonically equivalent would be one.
struct Vocabulary {
    /// Most tokens accepted; GPT-2 has 50257.
    static let largestCount = 1 << 20

    /// The ids by key.
    let ids: [[UInt8]: Int32]
    /// The keys by id.
    let keys: [[UInt8]]

    /// - Throws: if the file is no flat object of keys and whole numbers, or the ids are not 0 to count - 1, each once.
    init(_ file: TokenizerFile) throws(TokenizerError) {
        let entries = try Self.entries(of: file)
        guard !entries.isEmpty else { throw TokenizerError(file.name, "has no tokens") }
        var ids = [[UInt8]: Int32](minimumCapacity: entries.count)
        var keys = [[UInt8]?](repeating: nil, count: entries.count)
        for (key, id) in entries {
            guard id < entries.count else {
                throw TokenizerError(
                    file.name,
                    "token \(quoted(key)) has id \(id), but with \(entries.count) tokens the ids must be "
                        + "0 to \(entries.count - 1) without a gap")
            }
            if let other = keys[id] {
                throw TokenizerError(file.name, "tokens \(quoted(other)) and \(quoted(key)) both have id \(id)")
            }
            guard ids.updateValue(Int32(id), forKey: key) == nil else {
                throw TokenizerError(file.name, "token \(quoted(key)) is there twice")
            }
            keys[id] = key
        }
        self.ids = ids
        self.keys = keys.compactMap { $0 }
    }

    private static func entries(of file: TokenizerFile) throws(TokenizerError) -> [(key: [UInt8], id: Int)] {
        var reader = JSONReader<TokenizerError>(file.contents, file: file.name)
        var entries: [(key: [UInt8], id: Int)] = []
        try reader.readMembers(of: "tokens", atMost: largestCount) { (reader, key) throws(TokenizerError) in
            guard !key.isEmpty else { throw TokenizerError(file.name, "has an empty token") }
            let id = try reader.readCount()
            guard id < largestCount else {
                throw reader.failure("the id of token \(quoted(key)) is not below \(largestCount)")
            }
            entries.append((key, id))
        }
        try reader.finish()
        return entries
    }
}
