/// A model in several PyTorch files, as `pytorch_model.bin.index.json` lists them.
package struct PyTorchShards: Sendable {
    /// The index's own path.
    package let path: String
    package let files: [PyTorchFile]
    /// Every tensor, file after file.
    package var tensors: [StoredTensor] { files.flatMap(\.tensors) }
    /// Tensors that cannot be read, by name, and why.
    package let refused: [String: String]

    /// Opens the files in `directory` that the index at `path` names. Throws ``ModelFileError``, also where a tensor is
    /// in two of them. What the index says of a tensor that none of them has is for those who need the tensor.
    package init(index path: String, directory: String) throws(ModelFileError) {
        let index = try ShardIndex(path: path, directory: directory)
        var files: [PyTorchFile] = []
        var places: [String: String] = [:]
        var refused: [String: String] = [:]
        for shard in index.shards {
            let file = try PyTorchFile(path: shard)
            for tensor in file.tensors {
                if let other = places.updateValue(shard, forKey: tensor.info.name) {
                    throw .duplicateTensor(tensor: tensor.info.name, file: shard, other: other)
                }
            }
            guard places.count <= Limits.tensors else {
                throw .tooMany(file: path, what: "tensors", limit: Limits.tensors)
            }
            refused.merge(file.refused) { first, _ in first }
            files.append(file)
        }
        (self.path, self.files, self.refused) = (path, files, refused)
    }
}
