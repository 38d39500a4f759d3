/// A small JSON document as a tree: for settings, where any field may be there. The number of its values is bounded.
public indirect enum JSONValue: Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number without fraction and exponent that fits.
    case integer(Int)
    /// Any other number; always finite.
    case number(Double)
    /// A string; compare its `utf8` where canonically equivalent ones are to stay different.
    case string(String)
    /// The elements of an array.
    case array([JSONValue])
    /// The members of an object in the order of the text, no name twice.
    case object([JSONMember])

    /// Reads a document that holds nothing but one value; `file` is named in errors.
    public init<Failure: JSONFailure>(
        _ bytes: [UInt8], file: String, atMost limit: Int = JSONLimits.values, failingWith: Failure.Type
    ) throws(Failure) {
        var reader = JSONReader<Failure>(bytes, file: file)
        self = try reader.readValue(atMost: limit)
        try reader.finish()
    }

    /// The value of the member of that name; nil without such a member, and for what is no object.
    public subscript(name: String) -> JSONValue? {
        members?.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
    }

    /// The value of the member of that name unless it is null.
    public func member(_ name: String) -> JSONValue? {
        let value = self[name]
        return value?.isNull == true ? nil : value
    }

    /// Whether it is `null`.
    public var isNull: Bool { if case .null = self { true } else { false } }
    /// Nil unless it is `true` or `false`.
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    /// Nil unless it is a number with an integer's value that fits, `1.0` and `1e3` too.
    public var integer: Int? {
        switch self {
        case .integer(let value): value
        case .number(let value): Int(exactly: value)
        default: nil
        }
    }
    /// Nil unless it is a number.
    public var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }
    /// Nil unless it is a string.
    public var string: String? { if case .string(let value) = self { value } else { nil } }
    /// Nil unless it is an array.
    public var elements: [JSONValue]? { if case .array(let values) = self { values } else { nil } }
    /// Nil unless it is an object.
    public var members: [JSONMember]? { if case .object(let members) = self { members } else { nil } }

    /// What it is, for errors: "a string", "null".
    public var kind: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .integer, .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

/// A name and its value in a ``JSONValue/object(_:)``.
public struct JSONMember: Sendable {
    /// The name.
    public let name: String
    /// Its value.
    public let value: JSONValue

    /// A member.
    public init(_ name: String, _ value: JSONValue) {
        self.name = name
        self.value = value
    }
}

extension JSONReader {
    /// Reads any value that is made of at most `limit` values.
    public mutating func readValue(atMost limit: Int = JSONLimits.values) throws(Failure) -> JSONValue {
        var left = limit
        return try readValue(of: limit, left: &left)
    }

    private mutating func readValue(of limit: Int, left: inout Int) throws(Failure) -> JSONValue {
        guard left > 0 else { throw tooMany("values", limit: limit) }
        left -= 1
        skipSpace()
        switch next {
        case ascii("{"):
            var members: [JSONMember] = []
            try readObject(of: "names", atMost: limit) { (reader, name) throws(Failure) in
                members.append(JSONMember(name, try reader.readValue(of: limit, left: &left)))
            }
            return .object(members)
        case ascii("["):
            var elements: [JSONValue] = []
            try readArray { (reader) throws(Failure) in
                elements.append(try reader.readValue(of: limit, left: &left))
            }
            return .array(elements)
        case ascii("\""): return .string(try readString())
        case ascii("t"), ascii("f"): return .bool(try readBool())
        case ascii("n"):
            try skipWord("null")
            return .null
        default: return try readNumber()
        }
    }

    /// Reads a number. One beyond the range of `Double` is refused.
    private mutating func readNumber() throws(Failure) -> JSONValue {
        let start = offset
        try skipNumber()
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        if let integer = Int(text) { return .integer(integer) }
        guard let number = Double(text), number.isFinite else { throw failure("a number out of range", at: start) }
        return .number(number)
    }
}
