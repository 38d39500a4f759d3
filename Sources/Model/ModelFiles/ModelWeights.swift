/// The tensors of a model by role: files on one side, layers that know none of them on the other.
public struct ModelWeights: Sendable {
    /// Where they were opened.
    public var directory: String { checkpoint.directory }
    /// Whether the output head is the token embedding.
    public let isHeadTied: Bool
    package let checkpoint: Checkpoint
    private let names: NameMap

    /// Opens the files in a directory; reads no weights. Throws ``ModelFileError``.
    public init(directory: String) throws(ModelFileError) {
        checkpoint = try Checkpoint(directory: directory)
        names = .huggingFace
        isHeadTied = checkpoint.tensor(names.outputHead) == nil
    }

    /// The role whose weights the output head has.
    public var headRole: TensorRole { isHeadTied ? .tokenEmbedding : .outputHead }

    /// The tensor of that role; nil where the files have none.
    public func tensor(_ role: TensorRole) -> TensorInfo? { checkpoint.tensor(names.name(of: role)) }

    /// The tensor of that role, with that shape and one of `types`. Throws what
    /// ``Checkpoint/tensor(_:shape:types:)`` throws.
    public func tensor(
        _ role: TensorRole, shape: [Int], types: Set<ElementType> = ElementType.weights
    ) throws(ModelFileError) -> TensorInfo {
        try checkpoint.tensor(names.name(of: role), shape: shape, types: types)
    }

    /// The tensor's bytes where they are mapped.
    public func mapped(_ tensor: TensorInfo) -> MappedTensor { checkpoint.mapped(tensor) }

    /// Gives up all pages of the files, for those who have copied what they need.
    public func releasePages() { checkpoint.releasePages() }

    /// Every tensor in the files, ascending by name, whatever it is for.
    public var tensors: [TensorInfo] { checkpoint.tensors }

    /// The names of a group's tensors in the files.
    package func names(of group: TensorGroup) -> [String] { group.roles(tied: isHeadTied).map(name) }

    /// What a role is called in the files.
    package func name(_ role: TensorRole) -> String { names.name(of: role) }
}
