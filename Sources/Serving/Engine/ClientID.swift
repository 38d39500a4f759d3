/// Identity of a client's connection.
public typealias ClientID = [UInt8]

/// Names a request among those of all clients.
struct RequestKey: Hashable, Comparable {
    var client: ClientID
    var requestID: UInt64

    static func < (left: RequestKey, right: RequestKey) -> Bool {
        if left.client == right.client { return left.requestID < right.requestID }
        return left.client.lexicographicallyPrecedes(right.client)
    }
}
