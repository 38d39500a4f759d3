import JSON

/// What is kept of a model's digests beside it: for each file its state, for each group of tensors its digest. Holds
/// only for files in exactly that state.
struct DigestSidecar: Equatable {
    /// The digest of a group, and of its outline: what was digested, down to names, types and shapes.
    struct Entry: Equatable {
        let outline: Digest
        let digest: Digest
    }

    /// States of the model's files by name.
    let files: [String: String]
    var groups: [String: Entry] = [:]

    private static let format = "paceline digests 2"

    /// An empty sidecar for `files`.
    init(files: [String: String]) { self.files = files }

    /// Reads a sidecar; throws ``ModelFileError`` for what is none.
    init(path: String) throws(ModelFileError) {
        var reader = JSONReader<ModelFileError>(try ReadOnlyFile(path: path).readDocument(), file: path)
        var format = ""
        var files: [String: String] = [:]
        var groups: [String: Entry] = [:]
        try reader.readObject(of: "fields") { (reader, field) throws(ModelFileError) in
            switch field {
            case "format": format = try reader.readString()
            case "files": files = try reader.readStrings(of: "files")
            case "groups":
                try reader.readObject(of: "groups") { (reader, group) throws(ModelFileError) in
                    groups[group] = try Self.readEntry(from: &reader)
                }
            default: try reader.skipValue()
            }
        }
        try reader.finish()
        guard format == Self.format else { throw .missingField(file: path, tensor: nil, field: "known format") }
        (self.files, self.groups) = (files, groups)
    }

    private static func readEntry(from reader: inout JSONReader<ModelFileError>) throws(ModelFileError) -> Entry {
        let strings = try reader.readStrings(of: "digests")
        guard let outline = strings["outline"].flatMap(Digest.init(hex:)),
            let digest = strings["digest"].flatMap(Digest.init(hex:))
        else { throw reader.failure("expected outline and digest of 64 hexadecimal digits") }
        return Entry(outline: outline, digest: digest)
    }

    /// Writes it under `path`, whole or not at all.
    func write(path: String) throws(ModelFileError) {
        let file = try AtomicFile(path: path)
        try file.write(Array(text.utf8).span.bytes)
        // Not worth waiting for the disk: what a crash leaves damaged is ignored and made again.
        try file.commit(durable: false)
    }

    private var text: String {
        let entries = groups.sorted { $0.key < $1.key }.map { group, entry in
            "    \(jsonText(group)): "
                + jsonText(["outline": entry.outline.description, "digest": entry.digest.description])
        }
        return """
            {
              "format": \(jsonText(Self.format)),
              "files": \(jsonText(files)),
              "groups": {
            \(entries.joined(separator: ",\n"))
              }
            }

            """
    }
}
