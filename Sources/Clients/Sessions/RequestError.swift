/// A request that was understood and failed; one line for people.
public struct RequestError: Error, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}
