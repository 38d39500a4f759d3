import Kernels

/// A model whose weights are panels already: workers map its files and start at once, and those on one machine share the
/// memory. Made once, from a model in any other form, whose identity its files keep.
///
/// Each layer is a file, as are the embedding and the head, with an index in Hugging Face's form. Panels are tensors of
/// bytes under the names of the weights they hold; biases, layer norms and positions are f32. The token embedding is in
/// the file of the embedding, and serves as the output head too where the two are tied.
public struct PackedModel: Sendable {
    private let source: LocalModel
    private let type: PackedType
    private let tensors: [ModelTensor]

    /// Throws ``ModelFileError/packed(directory:)`` where the source is packed itself, and another where a tensor is
    /// missing or has another shape than the configuration says.
    public init(_ source: LocalModel, type: PackedType) throws(ModelFileError) {
        guard source.packedType == nil else { throw .packed(directory: source.directory) }
        tensors = try source.checkTensors()
        (self.source, self.type) = (source, type)
    }

    /// Size of all tensors.
    public var byteCount: Int { tensors.reduce(0) { $0 + declaration($1).byteCount } }

    /// Writes the weights into `directory`, packed by all threads of `backend`. `progress` is called with bytes; what it
    /// throws ends the writing. Throws ``ModelFileError`` too.
    public func write(
        to directory: String, backend: Backend, progress: (_ done: Int, _ total: Int) throws -> Void
    ) throws {
        let loader = try WeightLoader(
            source.weights, type: type, groups: [], backend: backend, checksWeights: true, progress: nil)
        var (fileOfTensor, done) = ([String: String](), 0)
        for group in source.groups {
            let roles = Set(group.ownRoles(tied: source.weights.isHeadTied))
            let file = PackedModel.fileName(group)
            var packed: [PackedTensor] = []
            for tensor in tensors where roles.contains(tensor.role) {
                try progress(done, byteCount)
                packed.append(try pack(tensor, loader))
                fileOfTensor[tensor.fileName] = file
                done += packed.last?.declaration.byteCount ?? 0
            }
            try write(packed, group, to: directory + "/" + file)
        }
        try progress(done, byteCount)
        try ShardIndex.write(fileOfTensor, byteCount: byteCount, in: directory)
    }

    private static func fileName(_ group: TensorGroup) -> String {
        "model-" + group.description.replacing(" ", with: "-") + ".safetensors"
    }

    private func write(_ tensors: [PackedTensor], _ group: TensorGroup, to path: String) throws {
        var digest = TensorDigest()
        for tensor in tensors.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
            try tensor.withBytes { (bytes) throws(ModelFileError) in
                try digest.add(tensor.declaration.declaration, bytes)
            }
        }
        let metadata = PackedFormat.strings(
            type: type, group: group, digest: digest.value, identity: try source.digest(of: group))
        // Panels are whole lines of the cache, so with them first all of them begin at one.
        let ordered = tensors.filter(\.isPanels) + tensors.filter { !$0.isPanels }
        var writer = try SafetensorsWriter(
            path: path, tensors: ordered.map(\.declaration.declaration), metadata: metadata)
        for tensor in ordered {
            // The writer cannot be reached from within a closure.
            var bytes: [UInt8] = []
            tensor.withBytes { span in span.withUnsafeBytes { bytes = Array($0) } }
            try writer.append(bytes.span.bytes, to: tensor.name)
        }
        try writer.finish()
    }

    private func pack(_ tensor: ModelTensor, _ loader: WeightLoader) throws(ModelFileError) -> PackedTensor {
        let declaration = declaration(tensor)
        guard let panels = tensor.panels else {
            return PackedTensor(
                declaration: declaration, content: .floats(try loader.floats(tensor.role, tensor.shape)))
        }
        let matrix = try loader.packed(
            tensor.role, depth: panels.depth, columns: panels.columns, layout: panels.layout)
        return PackedTensor(declaration: declaration, content: .panels(matrix))
    }

    private func declaration(_ tensor: ModelTensor) -> PackedTensor.Declaration {
        guard let panels = tensor.panels else {
            return PackedTensor.Declaration(
                declaration: .init(name: tensor.fileName, type: .f32, shape: tensor.shape),
                byteCount: 4 * tensor.elementCount)
        }
        let size = PackedMatrix.byteCount(type, depth: panels.depth, columns: panels.columns) ?? 0
        return PackedTensor.Declaration(
            declaration: .init(name: tensor.fileName, type: .u8, shape: [size]), byteCount: size)
    }
}

extension ModelTensor {
    /// The product that its weights are for; nil for vectors and positions.
    var panels: (depth: Int, columns: Int, layout: WeightLayout)? {
        guard shape.count == 2, role != .positionEmbedding else { return nil }
        let isTable = role == .tokenEmbedding || role == .outputHead
        return isTable ? (shape[1], shape[0], .outputMajor) : (shape[0], shape[1], .inputMajor)
    }

    /// Its name in the files of a packed model.
    fileprivate var fileName: String { NameMap.huggingFace.name(of: role) }
}

/// A tensor of a packed model in memory.
private struct PackedTensor {
    struct Declaration {
        let declaration: SafetensorsWriter.Declaration
        let byteCount: Int
    }

    enum Content {
        case panels(PackedMatrix)
        case floats(Matrix)
    }

    let declaration: Declaration
    let content: Content

    var name: String { declaration.declaration.name }

    var isPanels: Bool {
        if case .panels = content { true } else { false }
    }

    func withBytes<Failure: Error>(_ body: (RawSpan) throws(Failure) -> Void) throws(Failure) {
        switch content {
        case .panels(let matrix): try matrix.withBytes(body)
        case .floats(let matrix): try body(matrix.bytes().span.bytes)
        }
    }
}
