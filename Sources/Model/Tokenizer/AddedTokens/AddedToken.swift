import JSON

/// A token that is looked for in a text before anything else is done with it, as Hugging Face's `tokenizers` has it.
struct AddedToken: Equatable {
    /// Most bytes of a spelling.
    static let longestContent = 1_024

    /// Its spelling in UTF-8.
    let content: [UInt8]
    /// Whether it is text like any other unless special tokens are asked for.
    var isSpecial: Bool
    /// Whether it may not touch a letter, digit, mark or underscore.
    var isSingleWord = false
    /// Whether it takes the white space before it.
    var stripsLeft = false
    /// Whether it takes the white space after it.
    var stripsRight = false
    /// Whether it is looked for after those that are not: the reference normalizes the text between the two searches.
    var isNormalized: Bool

    /// A token declared by its spelling only.
    init(special content: [UInt8]) {
        self.content = content
        isSpecial = true
        isNormalized = false
    }

    /// A token declared by an object with `content` and flags. `special` overrides the flag of that name.
    ///
    /// - Throws: naming `place`, if something is there that no such object has.
    init(_ json: JSONValue, special: Bool? = nil, place: @autoclosure () -> String) throws(TokenizerError) {
        guard let content = json["content"]?.string else {
            throw TokenizerError(place(), "expected an added token with its content, found \(json.kind)")
        }
        func flag(_ name: String, otherwise value: Bool) throws(TokenizerError) -> Bool {
            guard let flag = json.member(name) else { return value }
            guard let isSet = flag.bool else {
                throw TokenizerError(place(), "\(name) is \(flag.kind), expected true or false")
            }
            return isSet
        }
        self.content = Array(content.utf8)
        let isSpecial = try flag("special", otherwise: false)
        self.isSpecial = special ?? isSpecial
        isSingleWord = try flag("single_word", otherwise: false)
        stripsLeft = try flag("lstrip", otherwise: false)
        stripsRight = try flag("rstrip", otherwise: false)
        isNormalized = try flag("normalized", otherwise: !(special ?? isSpecial))
    }
}
