/// The tensors of a model by role: files on one side, layers that know none of them on the other.
public struct ModelWeights: Sendable {
    /// Where they were opened.
    public var directory: String { files.directory }
    /// Whether the output head is the token embedding.
    public var isHeadTied: Bool { table.isHeadTied }
    let files: WeightFiles
    let table: RoleTable
    private let names: NameMap

    /// Opens the weights in a directory, or in one file; reads none of them. A head that is missing is the token
    /// embedding, unless `tiesHead` is false. Throws ``ModelFileError``.
    public init(directory: String, tiesHead: Bool = true) throws(ModelFileError) {
        try self.init(try WeightFiles(try ModelLocation(path: directory)), tiesHead: tiesHead)
    }

    init(_ files: WeightFiles, tiesHead: Bool) throws(ModelFileError) {
        names = files.modelArguments == nil ? .huggingFace : .nanoGPT
        table = try RoleTable(files.tensors, names: names, tiesHead: tiesHead, directory: files.directory)
        self.files = files
    }

    /// The role whose weights the output head has.
    public var headRole: TensorRole { isHeadTied ? .tokenEmbedding : .outputHead }

    /// The tensor of that role as the files have it; nil where they have none.
    public func tensor(_ role: TensorRole) -> TensorInfo? { table.entries[role]?.stored.info }

    /// Whether the files have no biases of that kind at all, so that all of them are zero.
    public func isAbsentBias(_ role: TensorRole) -> Bool {
        switch role {
        case .layer(_, let tensor): table.absentBiases.contains(tensor)
        case .finalNormBias: table.entries[role] == nil
        default: false
        }
    }

    /// The tensor of that role, which has to be there in that shape, or exchanged where the format has it so, and in one
    /// of `types`. Throws ``ModelFileError/missingTensor(tensor:directory:)``,
    /// ``ModelFileError/wrongShape(file:tensor:found:expected:)`` or
    /// ``ModelFileError/wrongType(file:tensor:found:expected:)``.
    func entry(
        _ role: TensorRole, shape: [Int], types: Set<ElementType> = ElementType.weights
    ) throws(ModelFileError) -> RoleTable.Entry {
        guard let entry = table.entries[role] else {
            throw .missingTensor(tensor: names.name(of: role), directory: directory)
        }
        let info = entry.stored.info
        let expected = entry.isTransposed ? shape.reversed() : shape
        guard info.shape == expected else {
            throw .wrongShape(file: info.file, tensor: info.name, found: info.shape, expected: expected)
        }
        guard types.contains(info.type) else {
            throw .wrongType(file: info.file, tensor: info.name, found: info.type, expected: types)
        }
        return entry
    }

    /// Gives up all pages of the files, for those who have copied what they need.
    public func releasePages() { for file in files.mapped { file.release() } }

    /// Every tensor in the files, ascending by name, whatever it is for.
    public var tensors: [TensorInfo] {
        files.tensors.map(\.info).sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    /// The paths of the files.
    package var paths: [String] { files.mapped.map(\.path) }

    /// What a role is called in the files, without prefixes.
    package func name(_ role: TensorRole) -> String { names.name(of: role) }
}
