import JSON

/// The special tokens that have a name, such as `eos_token`, and those that have none, from tokenizer_config.json and
/// special_tokens_map.json.
struct SpecialTokenNames {
    private static let names = [
        "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token",
    ]

    /// By name; nil where a file says null.
    private var tokens: [String: AddedToken?] = [:]
    /// The names that only this model has, in the order in which they are declared.
    private var ownNames: [String] = []
    private var namesOfObjects: Set<String> = []
    // Those without a name: `extra_special_tokens`, nil where no file has it, and `additional_special_tokens`, as it was
    // called before, which counts where there is no other.
    private var extraTokens: [AddedToken]?
    private var additionalTokens: [AddedToken] = []

    /// The token of a name.
    subscript(name: String) -> AddedToken? { tokens[name] ?? nil }

    /// Whether a file says something of the name, also null.
    func isDeclared(_ name: String) -> Bool { tokens[name] != nil }

    /// The tokens that have names, in the order in which the reference adds them.
    var named: [AddedToken] { (Self.names + ownNames).compactMap { tokens[$0] ?? nil } }

    /// The tokens that have no name.
    var extra: [AddedToken] { extraTokens ?? additionalTokens }

    /// The spellings that tokens of added_tokens.json are special by. The reference does not see those that
    /// tokenizer_config.json writes as objects.
    var specialInAddedTokens: Set<[UInt8]> {
        let named = Self.names.filter { !namesOfObjects.contains($0) }.compactMap { tokens[$0] ?? nil }
        return Set((named + (extraTokens ?? [])).map(\.content))
    }

    /// Takes a token for a name of which no file says anything.
    mutating func setDefault(_ name: String, _ token: AddedToken) {
        if !isDeclared(name) { tokens[name] = .some(token) }
    }

    /// Takes the flags of tokens that are declared with ids, by their spellings.
    mutating func takeFlags(of declared: [[UInt8]: AddedToken]) {
        for name in Self.names {
            if let token = tokens[name] ?? nil, let other = declared[token.content] { tokens[name] = .some(other) }
        }
    }

    /// Takes what tokenizer_config.json says.
    mutating func add(configuration: JSONValue, file: String) throws(TokenizerError) {
        for member in configuration.members ?? [] { try addNamed(member, special: nil, file: file) }
        let extra = configuration["extra_special_tokens"]
        let additional = configuration["additional_special_tokens"]
        let isEmpty = (extra?.elements ?? []).isEmpty && (extra?.members ?? []).isEmpty
        if isEmpty, let additional {
            try addExtra(additional, file: file)
        } else {
            if let extra { try addExtra(extra, file: file) }
            additionalTokens = try Self.list(additional, file: file)
        }
    }

    /// Takes what special_tokens_map.json says, which counts for more.
    mutating func add(map: JSONValue, file: String) throws(TokenizerError) {
        for member in map.members ?? [] { try addNamed(member, special: true, file: file) }
        if let extra = map["extra_special_tokens"] { try addExtra(extra, file: file) }
        if let additional = map["additional_special_tokens"] {
            additionalTokens = try Self.list(additional, file: file)
        }
    }

    private mutating func addNamed(_ member: JSONMember, special: Bool?, file: String) throws(TokenizerError) {
        let isKnown = Self.names.contains(member.name)
        guard isKnown || member.name.hasSuffix("_token") else { return }
        if member.value.isNull {
            if isKnown { tokens[member.name] = .some(nil) }
            return
        }
        // Settings such as add_bos_token end like names of tokens.
        if !isKnown && member.value.bool != nil { return }
        let token = try Self.token(member.value, special: special, place: "\(file): \(member.name)")
        if special == nil && member.value.members != nil {
            namesOfObjects.insert(member.name)
        } else {
            namesOfObjects.remove(member.name)
        }
        if !isKnown && tokens[member.name] == nil { ownNames.append(member.name) }
        tokens[member.name] = .some(token)
    }

    /// Takes a list of tokens without names, or an object of tokens by names of this model's own.
    private mutating func addExtra(_ extra: JSONValue, file: String) throws(TokenizerError) {
        guard let members = extra.members else {
            extraTokens = (extraTokens ?? []) + (try Self.list(extra, file: file))
            return
        }
        for member in members {
            if tokens[member.name] == nil && !Self.names.contains(member.name) { ownNames.append(member.name) }
            tokens[member.name] = .some(
                try Self.token(member.value, special: true, place: "\(file): extra_special_tokens"))
        }
    }

    private static func list(_ list: JSONValue?, file: String) throws(TokenizerError) -> [AddedToken] {
        var tokens: [AddedToken] = []
        for element in list?.elements ?? [] {
            tokens.append(try token(element, special: true, place: "\(file): extra_special_tokens"))
        }
        return tokens
    }

    /// A token written as its spelling, or as an object.
    private static func token(
        _ value: JSONValue, special: Bool?, place: @autoclosure () -> String
    ) throws(TokenizerError) -> AddedToken {
        if let content = value.string { return AddedToken(special: Array(content.utf8)) }
        return try AddedToken(value, special: special, place: place())
    }
}
