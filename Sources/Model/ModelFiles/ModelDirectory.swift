/// Where a model's files lie in its directory.
public struct ModelDirectory: Sendable, Equatable {
    public let path: String

    public init(_ path: String) { self.path = path }

    /// The model's shape and settings.
    public var configuration: String { file(FileName.configuration) }
    /// The weights, where they are in one file.
    public var weights: String { file(FileName.weights) }
    /// Which of several files holds which tensor, where there are several.
    public var weightIndex: String { file(FileName.weightIndex) }
    /// The digests of its weights, once they have been computed.
    public var digests: String { file(FileName.digests) }
    /// The tokens with their ids.
    public var vocabulary: String { file(FileName.vocabulary) }
    /// The byte pairs that are merged, in order.
    public var merges: String { file(FileName.merges) }

    /// The path of any file in it.
    public func file(_ name: String) -> String { filePath(name, in: path) }

    /// The names of a model's files.
    public enum FileName {
        public static let configuration = "config.json"
        public static let weights = "model.safetensors"
        public static let weightIndex = "model.safetensors.index.json"
        public static let digests = "paceline-digests.json"
        public static let vocabulary = "vocab.json"
        public static let merges = "merges.txt"
    }
}

/// The path of a file in a directory.
func filePath(_ name: String, in directory: String) -> String {
    directory.hasSuffix("/") ? directory + name : directory + "/" + name
}
