import Embedded
import Glibc

/// A directory with a tokenizer's files.
struct TokenizerDirectory {
    private let prefix: String

    init(_ path: String) { prefix = path.hasSuffix("/") ? path : path + "/" }

    /// The path of a file of that name.
    func path(_ name: String) -> String { prefix + name }

    /// Whether there is a file of that name.
    func has(_ name: String) -> Bool { EmbeddedFiles.file(path(name)) != nil || access(path(name), F_OK) == 0 }

    /// The file of that name, nil without one.
    func file(_ name: String) throws(TokenizerError) -> TokenizerFile? {
        has(name) ? try TokenizerFile(path: path(name)) : nil
    }

    /// The files of vocabulary and merges, under the names that Hugging Face or OpenAI gave them.
    ///
    /// - Throws: if there are none, with the names that were looked for, or with those of another kind of tokenizer.
    func vocabularyAndMerges() throws(TokenizerError) -> (vocabulary: TokenizerFile, merges: TokenizerFile) {
        for (vocabulary, merges) in [("vocab.json", "merges.txt"), ("encoder.json", "vocab.bpe")] {
            guard has(vocabulary) || has(merges) else { continue }
            return (try TokenizerFile(path: path(vocabulary)), try TokenizerFile(path: path(merges)))
        }
        let others = [
            ("vocab.txt", "BERT"), ("tokenizer.model", "sentencepiece"), ("spiece.model", "sentencepiece"),
            ("sentencepiece.bpe.model", "sentencepiece"), ("sentencepiece.model", "sentencepiece"),
            ("tiktoken.model", "tiktoken"), ("tekken.json", "tekken"),
        ]
        for (name, kind) in others where has(name) {
            throw TokenizerError(
                path(name), "a \(kind) tokenizer is not supported, only GPT-2's byte-level byte-pair encoding is")
        }
        let directory = prefix == "/" ? prefix : String(prefix.dropLast())
        if access(prefix, R_OK | X_OK) != 0 {
            let reason = errno == ENOTDIR ? "is a file; name the directory it is in" : String(cString: strerror(errno))
            throw TokenizerError(directory, reason)
        }
        throw TokenizerError(
            directory,
            "has no tokenizer: neither tokenizer.json, nor vocab.json and merges.txt, nor encoder.json and vocab.bpe")
    }
}
