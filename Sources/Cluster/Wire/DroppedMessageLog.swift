import Logging

/// Counts messages that could not be used, and logs them with their sender: each of the first few, then ever fewer, so
/// that a flood of rubbish does not become a flood of lines.
public struct DroppedMessageLog {
    public private(set) var count: UInt64 = 0
    private let logger: Logger

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
}
