import JSON

/// A JSON object of settings, whose faults name the file and the field. A field that is null counts as absent.
struct SettingsFile {
    let path: String
    let fields: JSONValue

    /// Reads the file at `path`. Throws ``ModelFileError``.
    init(_ path: String) throws(ModelFileError) {
        self.path = path
        fields = try JSONValue(
            try ReadOnlyFile(path: path).readDocument(), file: path, failingWith: ModelFileError.self)
        guard fields.members != nil else { throw error(nil, "is \(fields.kind), not an object") }
    }

    /// True or false; nil where the field is absent.
    func flag(_ field: String) throws(ModelFileError) -> Bool? {
        guard let value = fields.member(field) else { return nil }
        guard let flag = value.bool else { throw error(field, "\(value.shortText) is neither true nor false") }
        return flag
    }

    func error(_ field: String?, _ reason: String) -> ModelFileError {
        .configuration(file: path, field: field, reason: reason)
    }
}

extension JSONValue {
    /// For an error's line: the value itself where it is short, the kind of brackets where it is more.
    var shortText: String {
        switch self {
        case .null: "null"
        case .bool(let flag): "\(flag)"
        case .integer(let number): "\(number)"
        case .number(let number): "\(number)"
        case .string(let text): quoted(text)
        case .array(let values): values.isEmpty ? "[]" : "[…]"
        case .object(let members): members.isEmpty ? "{}" : "{…}"
        }
    }
}
