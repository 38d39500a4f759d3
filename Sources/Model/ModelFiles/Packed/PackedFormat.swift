import Kernels

/// What a packed model's files say of themselves in their metadata. Every file holds one group of tensors: a layer, the
/// embedding, or the head.
struct PackedFormat {
    /// Of the layout of panels; another one has to get another number.
    static let version = "2"

    /// Names of the metadata's strings.
    enum Field {
        static let prefix = "paceline."
        static let layout = "paceline.layout"
        static let type = "paceline.type"
        static let group = "paceline.group"
        /// SHA-256 of the file's tensors as they are stored.
        static let digest = "paceline.sha256"
        /// What the group is known by: the digest of the values that were packed.
        static let identity = "paceline.identity"
    }

    /// A file of a packed model.
    struct File {
        let path: String
        let digest: Digest
        let identity: Digest
    }

    let type: PackedType
    /// The file of each group, by the group's name.
    private let files: [String: File]

    /// nil for a model that is not packed. Throws ``ModelFileError/metadata(file:field:reason:)``.
    init?(_ weights: ModelWeights) throws(ModelFileError) {
        let metadata = weights.files.metadata
        // Any of the fields will do: a file that lacks one is damaged, and not one of Hugging Face's.
        guard metadata.contains(where: { $0.strings.keys.contains { $0.hasPrefix(Field.prefix) } }) else {
            return nil
        }
        var type: PackedType?
        var files: [String: File] = [:]
        for (path, strings) in metadata {
            let reader = MetadataReader(file: path, strings: strings)
            let layout = try reader.string(Field.layout)
            guard layout == Self.version else {
                throw reader.error(
                    Field.layout, "is \(quoted(layout)), and this program reads \(Self.version): pack the model again")
            }
            let found = try reader.type(Field.type)
            guard type == nil || type == found else {
                throw reader.error(Field.type, "is \(found.rawValue), that of another file \(type?.rawValue ?? "")")
            }
            type = found
            let group = try reader.string(Field.group)
            let file = File(
                path: path, digest: try reader.digest(Field.digest),
                identity: try reader.digest(Field.identity))
            guard files.updateValue(file, forKey: group) == nil else {
                throw reader.error(Field.group, "is \(quoted(group)), as in another file")
            }
        }
        guard let type else { return nil }
        (self.type, self.files) = (type, files)
    }

    /// What a group is known by. Throws ``ModelFileError/metadata(file:field:reason:)`` where no file holds the group.
    func identity(of group: TensorGroup, in weights: ModelWeights) throws(ModelFileError) -> Digest {
        try file(of: group, in: weights).identity
    }

    private func file(of group: TensorGroup, in weights: ModelWeights) throws(ModelFileError) -> File {
        guard let file = files[group.description] else {
            throw .metadata(
                file: weights.directory, field: Field.group, reason: "\(quoted(group.description)) is missing")
        }
        return file
    }

    /// Reads every file and compares its digest. Throws ``ModelFileError/metadata(file:field:reason:)``.
    func verify(
        _ weights: WeightFiles, progress: (_ done: Int, _ total: Int) -> Void
    ) throws(ModelFileError) {
        let ordered = files.values.sorted { $0.path < $1.path }
        for (index, file) in ordered.enumerated() {
            progress(index, ordered.count)
            let tensors = weights.tensors.filter { $0.info.file == file.path }
            guard digestOfTensors(tensors) == file.digest else {
                throw .metadata(
                    file: file.path, field: Field.digest, reason: "is not that of the weights: the file is damaged")
            }
        }
        progress(ordered.count, ordered.count)
    }

    /// Sees that each file holds the group that it says, by whose digest it is known. Throws
    /// ``ModelFileError/metadata(file:field:reason:)``.
    func check(_ groups: [TensorGroup], in weights: ModelWeights) throws(ModelFileError) {
        for group in groups {
            for role in group.ownRoles(tied: weights.isHeadTied) {
                guard let file = weights.tensor(role)?.file, file != files[group.description]?.path else { continue }
                let said = files.first { $0.value.path == file }?.key ?? ""
                throw .metadata(
                    file: file, field: Field.group,
                    reason: "is \(quoted(said)), and the file holds \(weights.name(role)) of \(group)")
            }
        }
    }

    /// The metadata of a file.
    static func strings(type: PackedType, group: TensorGroup, digest: Digest, identity: Digest) -> [String: String] {
        [
            "format": "paceline", Field.layout: version, Field.type: type.rawValue, Field.group: group.description,
            Field.digest: digest.description, Field.identity: identity.description,
        ]
    }
}

/// Reads the strings of one file's metadata, so that every fault names the file and the field.
private struct MetadataReader {
    let file: String
    let strings: [String: String]

    func string(_ field: String) throws(ModelFileError) -> String {
        guard let value = strings[field] else { throw error(field, "is missing") }
        return value
    }

    func type(_ field: String) throws(ModelFileError) -> PackedType {
        let name = try string(field)
        guard let type = PackedType(rawValue: name) else {
            let known = PackedType.allCases.map(\.rawValue).joined(separator: ", ")
            throw error(field, "is \(quoted(name)), this program knows \(known)")
        }
        return type
    }

    func digest(_ field: String) throws(ModelFileError) -> Digest {
        guard let digest = Digest(hex: try string(field)) else { throw error(field, "is no SHA-256") }
        return digest
    }

    func error(_ field: String, _ reason: String) -> ModelFileError {
        .metadata(file: file, field: field, reason: reason)
    }
}
