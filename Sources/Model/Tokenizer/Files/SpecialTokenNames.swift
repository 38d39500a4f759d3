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
    /// Those without a name.
    private(set) var extra: [AddedToken] = []
    private var hasExtra = false

    /// The token of a name.
    subscript(name: String) -> AddedToken? { tokens[name] ?? nil }

    /// Whether a file says something of the name, also null.
    func isDeclared(_ name: String) -> Bool { tokens[name] != nil }

    /// The tokens that have names, in the order in which the reference adds them.
    var named: [AddedToken] { (Self.names + ownNames).compactMap { tokens[$0] ?? nil } }

    /// The spellings that tokens of added_tokens.json are special by.
    private(set) var specialInAddedTokens: Set<[UInt8]> = []

    /// Takes a token for a name of which no file says anything.
    mutating func setDefault(_ name: String, _ token: AddedToken) {
        if !isDeclared(name) { tokens[name] = .some(token) }
    }

    /// Takes what tokenizer_config.json says.
    mutating func add(configuration: JSONValue, file: String) throws(TokenizerError) {
        for member in configuration.members ?? [] { try addNamed(member, special: nil, file: file) }
        let list = configuration.member("extra_special_tokens")
        if let list { try addExtra(list, file: file) }
        // A list without names counts only where there is no other list.
        if (list?.elements ?? []).isEmpty, let more = configuration.member("additional_special_tokens") {
            try addExtra(more, file: file)
            hasExtra = true
        }
        hasExtra = hasExtra || list?.elements != nil
    }

    /// Takes what special_tokens_map.json says, which counts for more.
    mutating func add(map: JSONValue, file: String) throws(TokenizerError) {
        for member in map.members ?? [] { try addNamed(member, special: true, file: file) }
        if let list = map.member("extra_special_tokens") {
            try addExtra(list, file: file)
            hasExtra = true
        }
        specialInAddedTokens = Set((Self.names.compactMap { tokens[$0] ?? nil } + extra).map(\.content))
        if !hasExtra, let list = map.member("additional_special_tokens") { try addExtra(list, file: file) }
    }

    /// Takes the special tokens of tokenizer_config.json for those that added_tokens.json may name.
    mutating func addWithoutMap() {
        specialInAddedTokens = Set((Self.names.compactMap { tokens[$0] ?? nil } + extra).map(\.content))
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
        if !isKnown && tokens[member.name] == nil { ownNames.append(member.name) }
        tokens[member.name] = .some(token)
    }

    private mutating func addExtra(_ list: JSONValue, file: String) throws(TokenizerError) {
        let place = "\(file): extra_special_tokens"
        for member in list.members ?? [] {
            if tokens[member.name] == nil && !Self.names.contains(member.name) { ownNames.append(member.name) }
            tokens[member.name] = .some(try Self.token(member.value, special: true, place: place))
        }
        for element in list.elements ?? [] {
            let token = try Self.token(element, special: true, place: place)
            if !extra.contains(token) { extra.append(token) }
        }
    }

    /// A token written as its spelling, or as an object.
    private static func token(
        _ value: JSONValue, special: Bool?, place: @autoclosure () -> String
    ) throws(TokenizerError) -> AddedToken {
        if let content = value.string { return AddedToken(special: Array(content.utf8)) }
        return try AddedToken(value, special: special, place: place())
    }
}
