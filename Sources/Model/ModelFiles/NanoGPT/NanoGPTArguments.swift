/// What a nanoGPT checkpoint says of its model's shape: `model_args` of karpathy/nanoGPT, train.py.
struct NanoGPTArguments: Sendable {
    /// The checkpoint's path, for errors.
    let file: String
    /// Its plain values by name.
    let values: [String: PickleScalar]

    /// The model's shape. The checkpoint does not say which GELU it was trained with: that of the error function, which
    /// nanoGPT uses, unless `activation` says otherwise. `tensors` are those of the checkpoint, which tell the width
    /// inside the MLP. Throws ``ModelFileError/configuration(file:field:reason:)``.
    func configuration(
        activation: ActivationFunction?, _ tensors: [StoredTensor]
    ) throws(ModelFileError) -> GPT2Configuration {
        let width = try size("n_embd", limit: GPT2Configuration.Limits.width)
        let headCount = try size("n_head", limit: GPT2Configuration.Limits.headCount)
        guard width % headCount == 0 else {
            throw error("n_head", "\(headCount) heads do not divide the width n_embd = \(width)")
        }
        let up = tensors.first { NameMap.nanoGPT.meaning(of: $0.info.name) == .role(.layer(0, .mlpUpWeight)) }
        let inner = up?.info.shape.first.flatMap { (1...GPT2Configuration.Limits.innerWidth).contains($0) ? $0 : nil }
        return GPT2Configuration(
            layerCount: try size("n_layer", limit: GPT2Configuration.Limits.layerCount), width: width,
            headCount: headCount, contextLength: try size("block_size", limit: GPT2Configuration.Limits.contextLength),
            // Where the training script chose it, the checkpoint leaves it open.
            vocabularySize: try size("vocab_size", limit: GPT2Configuration.Limits.vocabularySize, default: 50_304),
            layers: LayerSettings(innerWidth: inner, activation: activation ?? .gelu))
    }

    private func size(_ name: String, limit: Int, default: Int? = nil) throws(ModelFileError) -> Int {
        let stored: Int? =
            switch values[name] {
            case nil, .some(.none): `default`
            case .integer(let number): number
            default: 0
            }
        guard let size = stored else { throw error(name, "is missing") }
        guard size >= 1, size <= limit else { throw error(name, "is no whole number from 1 to \(limit)") }
        return size
    }

    private func error(_ field: String, _ reason: String) -> ModelFileError {
        .configuration(file: file, field: "model_args: \(field)", reason: reason)
    }
}
