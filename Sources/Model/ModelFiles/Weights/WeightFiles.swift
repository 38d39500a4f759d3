/// The files of a model's weights, opened: every tensor where it lies, whatever the format.
struct WeightFiles: Sendable {
    /// Where they lie.
    let directory: String
    let tensors: [StoredTensor]
    let mapped: [MappedFile]
    /// The free-form strings of each safetensors file, with its path.
    let metadata: [(file: String, strings: [String: String])]
    /// What a nanoGPT checkpoint says of the model's shape; nil for other formats.
    let modelArguments: NanoGPTArguments?

    /// Opens the files; reads headers only. Throws ``ModelFileError``.
    init(_ location: ModelLocation) throws(ModelFileError) {
        directory = location.directory
        var arguments: NanoGPTArguments?
        switch location.weights {
        case .safetensors(let file):
            (tensors, mapped, metadata) = Self.parts(try Checkpoint(files: [file], directory: directory))
        case .safetensorsIndex(let path):
            (tensors, mapped, metadata) = Self.parts(try Checkpoint(index: path, directory: directory))
        case .pyTorch(let path):
            let file = try PyTorchFile(path: path)
            (tensors, mapped, metadata) = (file.tensors, [file.file], [])
            arguments = file.modelArguments.map { NanoGPTArguments(file: path, values: $0) }
            try Self.refuse(file.refused, in: path)
        case .pyTorchIndex(let path):
            let shards = try PyTorchShards(index: path, directory: directory)
            (tensors, mapped, metadata) = (shards.tensors, shards.files.map(\.file), [])
            try Self.refuse(shards.refused, in: path)
        }
        modelArguments = arguments
    }

    /// Throws for a tensor that a model needs and that cannot be read.
    private static func refuse(_ reasons: [String: String], in file: String) throws(ModelFileError) {
        for (name, reason) in reasons.sorted(by: { $0.key < $1.key })
        where NameMap.huggingFace.meaning(of: name) != .unneeded {
            throw .pyTorch(file: file, tensor: name, reason: reason)
        }
    }

    private static func parts(
        _ checkpoint: Checkpoint
    ) -> ([StoredTensor], [MappedFile], [(file: String, strings: [String: String])]) {
        (checkpoint.stored, checkpoint.files, checkpoint.metadata)
    }
}
