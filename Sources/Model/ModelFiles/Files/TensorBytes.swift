/// The bytes of a tensor, row after row: mapped where they lie so in a file, else gathered in memory. They stay there for
/// as long as this is held.
public struct TensorBytes: Sendable {
    private enum Place {
        case mapped(MappedFile, Range<Int>)
        case memory([UInt8])
    }

    private let place: Place

    /// A range of a file.
    init(_ file: MappedFile, _ range: Range<Int>) { place = .mapped(file, range) }

    /// Bytes that lie elsewhere in another order.
    init(_ bytes: [UInt8]) { place = .memory(bytes) }

    /// Hands over the bytes, straight from the map, hence at any alignment; only pages that are touched are read. Throws
    /// what `body` throws.
    public func withBytes<Result, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        switch place {
        case .mapped(let file, let range): return try file.withBytes(in: range, body)
        case .memory(let bytes):
            let span = bytes.span.bytes
            return try body(span)
        }
    }

    var count: Int {
        switch place {
        case .mapped(_, let range): range.count
        case .memory(let bytes): bytes.count
        }
    }

    /// Takes its pages into this process, which spares the first use their faults; where the system will not, nothing is
    /// lost.
    public func populate() {
        // Where another stage of this process read it here and there.
        advise(.gather, 0..<count)
        advise(.populate, 0..<count)
    }

    /// Only few of its bytes will be read, here and there; so they shall not come with two megabytes around them.
    public func expectScatteredReads() { advise(.scatter, 0..<count) }

    /// Gives up its pages: whoever reads it again has them read, or found in the system's cache, again.
    public func release() { advise(.release, 0..<count) }

    /// The same of a part of its bytes, counted from its first, which must lie in it.
    public func release(_ part: Range<Int>) { advise(.release, part) }

    private func advise(_ advice: MappedFile.Advice, _ part: Range<Int>) {
        precondition(part.lowerBound >= 0 && part.upperBound <= count, "part of a tensor")
        guard case .mapped(let file, let range) = place else { return }
        file.advise(advice, range.lowerBound + part.lowerBound..<range.lowerBound + part.upperBound)
    }
}
