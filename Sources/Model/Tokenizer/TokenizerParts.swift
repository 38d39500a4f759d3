/// What a tokenizer is made of, from whatever files.
struct TokenizerParts {
    private static let endOfTextBytes = Array("<|endoftext|>".utf8)

    let vocabulary: Vocabulary
    let merges: MergeList
    var added: AddedVocabulary
    var addsPrefixSpace = false
    var template = TokenTemplate()
    let endOfText: Int32?
    let startOfText: Int32?
    /// The file that the vocabulary is in.
    let vocabularyFile: String

    /// The contents of vocab.json and merges.txt, with `<|endoftext|>` as the only added token.
    init(vocabularyFile: TokenizerFile, mergesFile: TokenizerFile) throws(TokenizerError) {
        vocabulary = try Vocabulary(vocabularyFile)
        merges = try MergeList(mergesFile, vocabulary: vocabulary)
        added = AddedVocabulary(vocabulary)
        self.vocabularyFile = vocabularyFile.name
        endOfText = vocabulary.ids[Self.endOfTextBytes]
        startOfText = endOfText
        if endOfText != nil {
            try added.add([AddedToken(special: Self.endOfTextBytes)], place: vocabularyFile.name)
        }
        try merges.checkCompleteness(vocabularyFile: vocabularyFile.name, added: added)
    }

    /// The tokenizer of a directory, as transformers 5.24 loads it.
    init(_ directory: TokenizerDirectory) throws(TokenizerError) {
        let jsonFile: TokenizerJSONFile?
        var mergesFile: String?
        if let file = try directory.file("tokenizer.json") {
            let json = try TokenizerJSONFile(file)
            jsonFile = json
            vocabularyFile = json.name
            vocabulary = json.vocabulary
            merges = try MergeList(json.merges, file: json.name, vocabulary: json.vocabulary)
        } else {
            let files = try directory.vocabularyAndMerges()
            jsonFile = nil
            mergesFile = files.merges.name
            vocabularyFile = files.vocabulary.name
            vocabulary = try Vocabulary(files.vocabulary)
            merges = try MergeList(files.merges, vocabulary: vocabulary)
        }
        let settings = try TokenizerSettings(directory, jsonFile: jsonFile)
        // Without tokenizer.json there is only one class that can load the files.
        let kind = jsonFile == nil ? .gpt2 : settings.kind
        var names = settings.names
        if kind == .gpt2 {
            for name in ["bos_token", "eos_token", "unk_token"] {
                names.setDefault(name, AddedToken(special: Self.endOfTextBytes))
            }
        }
        added = try Self.addedTokens(
            vocabulary, first: kind == .fast ? jsonFile?.addedTokens.map(\.token) ?? [] : [],
            declared: settings.declared, names: names, place: vocabularyFile)
        endOfText = added.id(of: names["eos_token"]?.content ?? Self.endOfTextBytes)
        startOfText = added.id(of: names["bos_token"]?.content ?? Self.endOfTextBytes)
        if let jsonFile {
            let pipeline = try TokenizerPipeline(jsonFile, kind: kind)
            addsPrefixSpace = kind == .gpt2 ? settings.addsPrefixSpace : pipeline.addsPrefixSpace
            template = try TokenTemplate(jsonFile.parts["post_processor"], file: jsonFile.name)
        } else {
            addsPrefixSpace = settings.addsPrefixSpace
            let beginning = settings.addsBeginning ? names["bos_token"].flatMap { added.id(of: $0.content) } : nil
            let end = settings.addsEnd ? names["eos_token"].flatMap { added.id(of: $0.content) } : nil
            template = TokenTemplate(prefix: beginning.map { [$0] } ?? [], suffix: end.map { [$0] } ?? [])
        }
        // JSON that is cut off does not load.
        if mergesFile != nil { try merges.checkCompleteness(vocabularyFile: vocabularyFile, added: added) }
    }

    /// Adds tokens in the order of the reference: those of tokenizer.json if they come first, those declared with ids,
    /// then the special tokens whose spelling is not there yet.
    private static func addedTokens(
        _ vocabulary: Vocabulary, first: [AddedToken], declared: [AddedToken], names: SpecialTokenNames, place: String
    ) throws(TokenizerError) -> AddedVocabulary {
        var added = AddedVocabulary(vocabulary)
        try added.add(first, place: place)
        var tokens = declared
        let known = Set(declared.map(\.content))
        for token in names.named + names.extra
        where !added.contains(token.content) && !known.contains(token.content) && !tokens.contains(token) {
            tokens.append(token)
        }
        let namedContents = Set(names.named.map(\.content))
        for index in tokens.indices where namedContents.contains(tokens[index].content) {
            tokens[index].isSpecial = true
        }
        try added.add(tokens, place: place)
        return added
    }
}
