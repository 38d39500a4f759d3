import JSON

/// `model.safetensors.index.json` or `pytorch_model.bin.index.json`: which file of a model holds which tensor. What it
/// says of tensors that no model needs counts for nothing: they and their files may be missing.
public struct ShardIndex {
    /// The index's own path.
    let path: String
    /// Paths of the files that it names for needed tensors, sorted.
    let shards: [String]
    private let shardOfTensor: [String: String]

    /// Reads the index at `path`, whose files lie in `directory`.
    init(path: String, directory: String) throws(ModelFileError) {
        let text = try ReadOnlyFile(path: path).readDocument()
        var reader = JSONReader<ModelFileError>(text, file: path)
        var weightMap: [String: String] = [:]
        try reader.readObject(of: "fields") { (reader, field) throws(ModelFileError) in
            if field == "weight_map" {
                weightMap = try reader.readStrings(of: "tensors in weight_map")
            } else {
                try reader.skipValue()
            }
        }
        try reader.finish()
        guard !weightMap.isEmpty else { throw .missingField(file: path, tensor: nil, field: "weight_map of tensors") }
        let needed = weightMap.filter { NameMap.huggingFace.meaning(of: $0.key) != .unneeded }
        if !needed.isEmpty { weightMap = needed }
        let names = Set(weightMap.values)
        guard names.count <= Limits.shards else {
            throw .tooMany(file: path, what: "files in weight_map", limit: Limits.shards)
        }
        for name in names where !Self.isPlainFileName(name) { throw .invalidShardName(file: path, name: name) }
        self.path = path
        shards = names.sorted().map { filePath($0, in: directory) }
        shardOfTensor = weightMap.mapValues { filePath($0, in: directory) }
    }

    /// Checks that each tensor is where the index says; `fileOfTensor` gives the path of the file that holds a tensor.
    func check(_ fileOfTensor: (String) -> String?) throws(ModelFileError) {
        for (tensor, shard) in shardOfTensor where fileOfTensor(tensor) != shard {
            throw .notInShard(index: path, tensor: tensor, shard: shard)
        }
    }

    /// Writes an index that names the file of each tensor, all in `directory`. Throws
    /// ``ModelFileError/cannotWrite(file:reason:)``; then no index is left.
    public static func write(
        _ fileOfTensor: [String: String], byteCount: Int, in directory: String
    ) throws(ModelFileError) {
        let text = "{\"metadata\":{\"total_size\":\(byteCount)},\"weight_map\":\(jsonText(fileOfTensor))}\n"
        let file = try AtomicFile(path: ModelDirectory(directory).weightIndex)
        try file.write(Array(text.utf8).span.bytes)
        try file.commit(durable: true)
    }

    /// Whether a name stays in its directory, and in one line of an error.
    private static func isPlainFileName(_ name: String) -> Bool {
        !name.isEmpty && name != "." && !name.contains("..")
            && name.unicodeScalars.allSatisfy { $0 != "/" && $0 != "\\" && isPrintable($0) }
    }
}
