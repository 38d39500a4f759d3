import Logging

/// Says when connections were refused for want of descriptors: at once, and again when there were twice as many.
package struct RefusedConnectionLog {
    private var next: UInt64 = 1
    private let logger: Logger

    package init(_ logger: Logger) { self.logger = logger }

    /// - Parameter count: of all that were refused so far.
    package mutating func note(_ count: UInt64) {
        guard count >= next else { return }
        next = 2 * count
        logger.warning(
            "refused connections for want of file descriptors, \(count) so far; a higher limit (ulimit -n) allows more")
    }
}
