/// What a PyTorch file holds: the tensors of a model by name, mapped, not read. Opening reads the pickle that describes
/// them, which cannot make the program do anything; no page of a tensor is touched.
package struct PyTorchFile: Sendable {
    package let path: String
    /// The tensors of the state dict in the file's order. Several may lie in the same bytes.
    package let tensors: [StoredTensor]
    /// Tensors that cannot be read, by name, and why.
    package let refused: [String: String]
    /// The shape of a nanoGPT model (`n_layer`, `n_head`, `n_embd`, `block_size`, `bias`, `vocab_size`); nil for other
    /// checkpoints.
    package let modelArguments: [String: PickleScalar]?
    /// The plain values under `config`, where nanoGPT keeps the settings of the training.
    package let settings: [String: PickleScalar]?
    let file: MappedFile

    /// Opens a file that `torch.save` wrote, in its zip form or the one before. Throws ``ModelFileError``.
    package init(path: String) throws(ModelFileError) {
        let source = try ReadOnlyFile(path: path)
        let form = try TorchForm(of: source)
        let map = try MappedFile(source)
        // What was mapped of the pickle, and around it.
        defer { map.release() }
        let content: PyTorchContent
        switch form {
        case .zip: content = try PyTorchContent(TorchArchive(source, map: map), map)
        case .legacy: content = PyTorchContent(try TorchLegacyFile(source, map: map))
        }
        let dictionary = try StateDictionary(content.root, heap: content.heap, input: content.input)
        var placement = TensorPlacement(content)
        for entry in dictionary.entries { try placement.place(entry, in: source) }
        for (name, maker) in dictionary.objects { placement.refuse(name, madeBy: maker) }
        try placement.finish()
        (self.path, file, tensors) = (path, map, placement.tensors)
        refused = placement.refused
        modelArguments = content.scalars("model_args")
        settings = content.scalars("config")
    }
}

extension StoredTensor {
    /// Its bytes where they are mapped.
    package var mapped: TensorBytes { TensorBytes(file, range) }
}
