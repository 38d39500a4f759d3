import JSON

/// What the files beside vocabulary and merges say: tokenizer_config.json, special_tokens_map.json, added_tokens.json.
struct TokenizerSettings {
    /// Most values in one of the files; each added token takes some seven.
    private static let largestCount = 1 << 18

    let kind: TokenizerKind
    /// `add_prefix_space`.
    let addsPrefixSpace: Bool
    /// `add_bos_token`.
    let addsBeginning: Bool
    /// `add_eos_token`.
    let addsEnd: Bool
    /// The tokens declared with ids, by these.
    let declared: [AddedToken]
    /// Special tokens by name, and those without.
    private(set) var names = SpecialTokenNames()

    /// Reads the files that are in a directory; `jsonFile` is its tokenizer.json.
    ///
    /// - Throws: naming file and field of what is malformed or cannot be done.
    init(_ directory: TokenizerDirectory, jsonFile: TokenizerJSONFile?) throws(TokenizerError) {
        let name = directory.path("tokenizer_config.json")
        let configuration = try Self.read(directory, "tokenizer_config.json") ?? .object([])
        var declaredClass = configuration.member("tokenizer_class")
        var declaringFile = name
        if declaredClass == nil {
            declaringFile = directory.path("config.json")
            declaredClass = try Self.read(directory, "config.json")?.member("tokenizer_class")
        }
        kind = try TokenizerKind(declaredClass?.string, file: declaringFile)
        addsPrefixSpace = try Self.flag("add_prefix_space", of: configuration, file: name)
        addsBeginning = try Self.flag("add_bos_token", of: configuration, file: name)
        addsEnd = try Self.flag("add_eos_token", of: configuration, file: name)

        try names.add(configuration: configuration, file: name)
        var tokens: [(id: Int, token: AddedToken)] = []
        if let decoder = configuration["added_tokens_decoder"] {
            for member in decoder.members ?? [] {
                let id = try Self.id(Int(member.name), of: member.name, file: name)
                tokens.append((id, try AddedToken(member.value, place: "\(name): added_tokens_decoder: \(id)")))
            }
        } else {
            if let map = try Self.read(directory, "special_tokens_map.json") {
                try names.add(map: map, file: directory.path("special_tokens_map.json"))
            }
            tokens = try Self.addedTokens(directory, special: names.specialInAddedTokens)
            tokens += jsonFile?.addedTokens ?? []
        }
        names.takeFlags(of: Dictionary(tokens.map { ($0.token.content, $0.token) }) { $1 })
        // Of several tokens with one id the last counts.
        let byID = Dictionary(tokens.map { ($0.id, $0.token) }) { $1 }
        declared = byID.sorted { $0.key < $1.key }.map(\.value)
        if let token = jsonFile?.parts["padding"]?.member("pad_token")?.string, kind == .fast {
            names.setDefault("pad_token", AddedToken(special: Array(token.utf8)))
        }
    }

    private static func addedTokens(
        _ directory: TokenizerDirectory, special: Set<[UInt8]>
    ) throws(TokenizerError) -> [(id: Int, token: AddedToken)] {
        let file = directory.path("added_tokens.json")
        var tokens: [(id: Int, token: AddedToken)] = []
        for member in try read(directory, "added_tokens.json")?.members ?? [] {
            let id = try id(member.value.integer, of: member.name, file: file)
            var token = AddedToken(special: Array(member.name.utf8))
            token.isSpecial = special.contains(token.content)
            token.isNormalized = !token.isSpecial
            tokens.append((id, token))
        }
        return tokens
    }

    private static func read(_ directory: TokenizerDirectory, _ name: String) throws(TokenizerError) -> JSONValue? {
        guard let file = try directory.file(name) else { return nil }
        let value = try JSONValue(
            file.contents, file: file.name, atMost: largestCount, failingWith: TokenizerError.self)
        guard value.members != nil else { throw TokenizerError(file.name, "is \(value.kind), expected an object") }
        return value
    }

    private static func flag(_ name: String, of configuration: JSONValue, file: String) throws(TokenizerError) -> Bool {
        guard let value = configuration.member(name) else { return false }
        guard let flag = value.bool else {
            throw TokenizerError(file, "\(name): \(described(value)) is not supported, only true and false are")
        }
        return flag
    }

    private static func id(_ id: Int?, of name: String, file: String) throws(TokenizerError) -> Int {
        guard let id, id >= 0, id < Vocabulary.largestCount else {
            throw TokenizerError(
                file, "added token \(quoted(name.utf8)) has no id from 0 to \(Vocabulary.largestCount - 1)")
        }
        return id
    }
}
