/// How often something happened since the coordinator's start. Status carries counters by name, so that a new one needs no
/// field of its own on its way to the reader.
public struct Counter: Sendable, Equatable {
    /// In snake case, as it stands in JSON.
    public var name: String
    public var value: UInt64

    public init(_ name: String, _ value: UInt64) {
        self.name = name
        self.value = value
    }
}
