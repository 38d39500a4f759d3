import JSON

/// The tokens that are put before and behind those of a text.
struct TokenTemplate: Equatable {
    /// Most tokens before and behind a text.
    private static let largestCount = 64

    /// Before the text, such as a token that begins it.
    private(set) var prefix: [Int32] = []
    /// Behind the text.
    private(set) var suffix: [Int32] = []

    /// A template of some tokens.
    init(prefix: [Int32] = [], suffix: [Int32] = []) {
        self.prefix = prefix
        self.suffix = suffix
    }

    /// What `post_processor` of tokenizer.json says.
    ///
    /// - Throws: naming a processor that is not known, or what is malformed.
    init(_ processor: JSONValue?, file: String) throws(TokenizerError) {
        guard let processor, !processor.isNull else { return }
        let parts = processor["type"]?.string == "Sequence" ? processor["processors"]?.elements ?? [] : [processor]
        // The reference takes what the first makes for several texts.
        guard parts.count(where: { $0["type"]?.string != "ByteLevel" }) <= 1 else {
            throw TokenizerError(file, "post_processor: a Sequence of several that add tokens is not supported")
        }
        for part in parts { try add(part, file: file) }
    }

    private mutating func add(_ processor: JSONValue, file: String) throws(TokenizerError) {
        let type = processor["type"]
        switch type?.string {
        case "ByteLevel": return
        case "TemplateProcessing": try addTemplate(processor, file: file)
        case "RobertaProcessing", "BertProcessing":
            prefix = [try Self.id(processor["cls"]?.elements?.last, of: "cls", file: file)]
            suffix = [try Self.id(processor["sep"]?.elements?.last, of: "sep", file: file)]
        default: throw TokenizerError(file, "post_processor: \(described(type)) is not supported")
        }
        guard prefix.count + suffix.count <= Self.largestCount else {
            throw TokenizerError(file, "post_processor: more than \(Self.largestCount) tokens")
        }
    }

    /// `single` lists special tokens by name, and the text as sequence A.
    private mutating func addTemplate(_ processor: JSONValue, file: String) throws(TokenizerError) {
        var hasText = false
        for piece in processor["single"]?.elements ?? [] {
            if piece["Sequence"]?["id"]?.string == "A", !hasText {
                hasText = true
            } else if let name = piece["SpecialToken"]?["id"]?.string {
                let ids = processor["special_tokens"]?[name]?["ids"]?.elements ?? []
                for id in ids.prefix(Self.largestCount) {
                    let id = try Self.id(id, of: name, file: file)
                    if hasText { suffix.append(id) } else { prefix.append(id) }
                }
                if ids.isEmpty { throw TokenizerError(file, "post_processor: no ids for \(quoted(name.utf8))") }
            } else {
                throw TokenizerError(file, "post_processor: single is not special tokens around one sequence A")
            }
            guard prefix.count + suffix.count <= Self.largestCount else { break }
        }
        guard hasText else { throw TokenizerError(file, "post_processor: single leaves the text out") }
    }

    private static func id(_ value: JSONValue?, of name: String, file: String) throws(TokenizerError) -> Int32 {
        guard let id = value?.integer, id >= 0, id < Vocabulary.largestCount else {
            throw TokenizerError(
                file, "post_processor: \(quoted(name.utf8)) has no id from 0 to \(Vocabulary.largestCount - 1)")
        }
        return Int32(id)
    }
}
