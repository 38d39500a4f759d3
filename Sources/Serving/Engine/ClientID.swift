/// Identity of a client's connection.
public typealias ClientID = [UInt8]

extension ClientID {
    /// For people: its last four bytes in hexadecimal digits.
    var shortText: String { suffix(4).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
}

/// Names a request among those of all clients.
struct RequestKey: Hashable, Comparable {
    var client: ClientID
    var requestID: UInt64

    static func < (left: RequestKey, right: RequestKey) -> Bool {
        if left.client == right.client { return left.requestID < right.requestID }
        return left.client.lexicographicallyPrecedes(right.client)
    }
}
