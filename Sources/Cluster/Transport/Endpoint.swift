/// Where a socket listens or connects: `tcp://host:port`, IPv6 in brackets (`tcp://[::1]:5570`), port 0 or `*` for one
/// the system chooses, host `*` for every address of the machine.
public struct Endpoint: Hashable, Sendable, CustomStringConvertible {
    /// A host name in lower case, a numeric address without brackets, or `*`.
    public let host: String
    /// 0 to 65,535.
    public let port: Int

    /// Reads `tcp://host:port`, or `host:port`. Throws `TransportError.malformedEndpoint`, which names the text.
    public init(_ text: String) throws(TransportError) {
        func malformed(_ reason: String) -> TransportError { .malformedEndpoint(text: text, reason: reason) }

        guard text.utf8.count <= Self.longestText else { throw malformed("longer than \(Self.longestText) bytes") }
        var rest = Substring(text)
        if let scheme = rest.firstRange(of: "://") {
            guard rest[..<scheme.lowerBound] == "tcp" else { throw malformed("only tcp:// is supported") }
            rest = rest[scheme.upperBound...]
        }
        guard let colon = rest.lastIndex(of: ":"), !rest[colon...].contains("]") else { throw malformed("no port") }
        guard let port = Self.port(rest[rest.index(after: colon)...]) else {
            throw malformed("the port is not a number from 0 to 65535")
        }
        var host = rest[..<colon]
        if host.hasPrefix("[") {
            guard host.hasSuffix("]") else { throw malformed("the bracket is not closed") }
            host = host.dropFirst().dropLast()
            guard host.contains(":") else { throw malformed("brackets are for IPv6 addresses only") }
        } else if host.contains(":") {
            throw malformed("an IPv6 address goes in brackets")
        }
        do {
            try self.init(host: String(host), port: port)
        } catch {
            guard case .malformedEndpoint(_, let reason) = error else { throw error }
            throw malformed(reason)
        }
    }

    /// From parts; an IPv6 address without brackets. Throws `TransportError.malformedEndpoint`.
    public init(host: String, port: Int) throws(TransportError) {
        func malformed(_ reason: String) -> TransportError {
            .malformedEndpoint(text: "\(host):\(port)", reason: reason)
        }

        guard (0...65_535).contains(port) else { throw malformed("the port is not a number from 0 to 65535") }
        guard !host.isEmpty else { throw malformed("no host") }
        if host == "*" {
            self.host = host
        } else if let address = IPAddress(host) {
            self.host = address.description
        } else if host.contains(":") {
            throw malformed("not an IPv6 address")
        } else if Self.endsInNumber(host) {
            throw malformed("not an IPv4 address")
        } else if Self.isName(host) {
            self.host = host.lowercased()
        } else {
            throw malformed("not a host name")
        }
        self.port = port
    }

    /// Whether it is 127.0.0.0/8, ::1, an IPv4-mapped form of these, or `localhost`. Other names are not looked up.
    public var isLoopback: Bool { host == Self.localName || IPAddress(host)?.isLoopback == true }

    public var description: String { host.contains(":") ? "tcp://[\(host)]:\(port)" : "tcp://\(host):\(port)" }

    /// The one name that means a fixed address everywhere.
    static let localName = "localhost"

    /// A DNS name has at most 253 bytes; the rest is scheme and port.
    private static let longestText = 300

    private static func port(_ text: Substring) -> Int? {
        if text == "*" { return 0 }
        guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy(isDigit) else { return nil }
        guard text == "0" || !text.hasPrefix("0"), let port = Int(text), port <= 65_535 else { return nil }
        return port
    }

    /// Whether resolvers would take it for a number (`127.1`, `0x7f000001`), which must not pass as a name.
    private static func endsInNumber(_ host: String) -> Bool {
        let labels = host.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard let last = labels.last(where: { !$0.isEmpty }), let first = last.first else { return false }
        return isDigit(first) && (last.allSatisfy(isDigit) || last.dropFirst().first.map { $0 | 0x20 } == 0x78)
    }

    /// Letters, digits, hyphens and underscores (container names have them) in labels of 1 to 63 bytes.
    private static func isName(_ host: String) -> Bool {
        guard host.utf8.count <= 253 else { return false }
        return host.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
            (1...63).contains(label.count) && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
                && label.allSatisfy {
                    isLetter($0) || isDigit($0) || [UInt8(ascii: "-"), UInt8(ascii: "_")].contains($0)
                }
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
