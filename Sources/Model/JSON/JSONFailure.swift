/// An error that a ``JSONReader`` can throw; an `enum` conforms by cases of these names.
public protocol JSONFailure: Error {
    /// Text that is not the JSON expected; the offset counts bytes from the start of the text.
    static func invalidJSON(file: String, offset: Int, reason: String) -> Self
    /// More of something than is allowed.
    static func tooMany(file: String, what: String, limit: Int) -> Self
    /// Something else than the file, saved under its name: the reason is ``damagedDownload(_:)``'s.
    static func damaged(file: String, reason: String) -> Self
}

/// Upper bounds on what a JSON text may ask for.
public enum JSONLimits {
    /// Levels of nesting.
    public static let nesting = 32
    /// Names in one object, unless its reader says otherwise.
    public static let names = 65_536
    /// Values of a document that is read whole, see ``JSONValue``.
    public static let values = 65_536
}
