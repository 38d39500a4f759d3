import Logging

/// Counts messages that could not be used, and logs them with their sender: each of the first few, then ever fewer, so
/// that a flood of rubbish does not become a flood of lines.
public struct DroppedMessageLog {
    public private(set) var count: UInt64 = 0
    private let logger: Logger
    private var nextRefusedConnections: UInt64 = 1

    public init(_ logger: Logger) { self.logger = logger }

    /// - Parameters:
    ///   - link: the link it came on.
    ///   - sender: its address, where known.
    public mutating func note(_ reason: String, link: String, sender: String?) {
        count += 1
        guard count <= 10 || count.nonzeroBitCount == 1 else { return }
        let from = sender ?? "an unknown address"
        logger.warning("dropped a message on the \(link) link from \(from): \(reason) (\(count) so far)")
    }

    /// Connections were cut for want of descriptors: said at once, and again when there were twice as many.
    /// - Parameter count: of all that were cut so far.
    public mutating func note(refusedConnections count: UInt64) {
        guard count >= nextRefusedConnections else { return }
        nextRefusedConnections = 2 * count
        logger.warning(
            "refused connections for want of file descriptors, \(count) so far; a higher limit (ulimit -n) allows more")
    }
}
