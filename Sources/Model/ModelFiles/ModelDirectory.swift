/// Where a model's files lie in its directory.
public struct ModelDirectory: Sendable, Equatable {
    public let path: String

    public init(_ path: String) { self.path = path }

    /// The model's shape and settings.
    public var configuration: String { file(FileName.configuration) }
    /// The weights, where they are in one safetensors file.
    public var weights: String { file(FileName.weights) }
    /// Which of several files holds which tensor, where there are several.
    public var weightIndex: String { file(FileName.weightIndex) }
    /// The digests of its weights, once they have been computed.
    public var digests: String { file(FileName.digests) }

    /// The names of those files of a tokenizer that are there.
    public var tokenizerFiles: [String] { FileName.tokenizer.filter { exists(file($0)) } }

    /// Whether there are the files of a tokenizer, of any form.
    public var hasTokenizer: Bool {
        !Set(tokenizerFiles).isDisjoint(with: ["tokenizer.json", FileName.vocabulary, "encoder.json"])
    }

    /// The path of any file in it.
    public func file(_ name: String) -> String { filePath(name, in: path) }

    /// The names of a model's files.
    public enum FileName {
        public static let configuration = "config.json"
        public static let generation = "generation_config.json"
        public static let weights = "model.safetensors"
        public static let weightIndex = "model.safetensors.index.json"
        public static let digests = "paceline-digests.json"
        public static let vocabulary = "vocab.json"
        public static let merges = "merges.txt"
        /// Those of a tokenizer, in all its forms.
        public static let tokenizer = [
            "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", vocabulary,
            merges,
            "encoder.json", "vocab.bpe",
        ]
    }
}

/// The path of a file in a directory.
func filePath(_ name: String, in directory: String) -> String {
    directory.hasSuffix("/") ? directory + name : directory + "/" + name
}
