import Glibc

/// A numeric IP address, and lookups of host names by the system's resolver.
enum IPAddress: Hashable, CustomStringConvertible {
    /// Four bytes, network order.
    case v4([UInt8])
    /// Sixteen bytes, network order.
    case v6([UInt8])

    /// Reads the strict numeric forms only: four decimal numbers, or RFC 4291 without a zone.
    init?(_ text: String) {
        if let bytes = Self.bytes(of: text, family: AF_INET, count: 4) {
            self = .v4(bytes)
        } else if let bytes = Self.bytes(of: text, family: AF_INET6, count: 16) {
            self = .v6(bytes)
        } else {
            return nil
        }
    }

    /// The addresses of a host name, in the resolver's order; empty if there are none now. May block on the network.
    static func lookUp(_ name: String) -> [IPAddress] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var first: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(name, nil, &hints, &first) == 0, let first else { return [] }
        defer { freeaddrinfo(first) }
        return sequence(first: first, next: { $0.pointee.ai_next }).compactMap { IPAddress($0.pointee) }
    }

    var isV4: Bool { if case .v4 = self { true } else { false } }

    var isLoopback: Bool {
        switch self {
        case .v4(let bytes):
            bytes[0] == 127
        case .v6(let bytes):
            bytes == Self.v6Loopback || (bytes.starts(with: Self.v4MappedPrefix) && bytes[12] == 127)
        }
    }

    var description: String {
        switch self {
        case .v4(let bytes): Self.text(of: bytes, family: AF_INET)
        case .v6(let bytes): Self.text(of: bytes, family: AF_INET6)
        }
    }

    private static let v6Loopback = [UInt8](repeating: 0, count: 15) + [1]
    private static let v4MappedPrefix = [UInt8](repeating: 0, count: 10) + [0xff, 0xff]

    private init?(_ information: addrinfo) {
        guard let address = UnsafeRawPointer(information.ai_addr) else { return nil }
        switch information.ai_family {
        case AF_INET:
            let address = address.loadUnaligned(as: sockaddr_in.self)
            self = .v4(withUnsafeBytes(of: address.sin_addr) { [UInt8]($0) })
        case AF_INET6:
            let address = address.loadUnaligned(as: sockaddr_in6.self)
            self = .v6(withUnsafeBytes(of: address.sin6_addr) { [UInt8]($0) })
        default:
            return nil
        }
    }

    private static func bytes(of text: String, family: Int32, count: Int) -> [UInt8]? {
        // The C function would stop at a zero byte and accept what precedes it.
        guard !text.utf8.contains(0) else { return nil }
        var bytes = [UInt8](repeating: 0, count: count)
        return inet_pton(family, text, &bytes) == 1 ? bytes : nil
    }

    private static func text(of bytes: [UInt8], family: Int32) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
            guard let base = buffer.baseAddress,
                let text = inet_ntop(family, bytes, base, socklen_t(buffer.count))
            else { return "" }
            return String(cString: text)
        }
    }
}
