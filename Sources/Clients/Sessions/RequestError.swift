/// A request that was understood and failed; one line for people.
public struct RequestError: Error, CustomStringConvertible {
    public let description: String
    /// It will never work as it is, because of what was asked for.
    public let isBadRequest: Bool

    public init(_ description: String, isBadRequest: Bool = false) {
        self.description = description
        self.isBadRequest = isBadRequest
    }
}
