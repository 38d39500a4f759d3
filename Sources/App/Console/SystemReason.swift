import Foundation

/// Why the operating system refused something, in words.
package enum SystemReason {
    /// - Parameter code: an `errno`.
    package static func text(_ code: Int32) -> String { String(cString: strerror(code)) }

    /// Of an error that Foundation throws.
    package static func text(_ error: any Error) -> String {
        var next: (any Error)? = error
        for _ in 0..<4 {
            guard let current = next.map({ $0 as NSError }) else { break }
            if current.domain == NSPOSIXErrorDomain { return text(Int32(truncatingIfNeeded: current.code)) }
            next = current.userInfo[NSUnderlyingErrorKey] as? any Error
        }
        return error.localizedDescription
    }
}
