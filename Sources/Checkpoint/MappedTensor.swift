/// The bytes of a tensor where they are mapped; they stay there for as long as this is held.
public struct MappedTensor: Sendable {
    let file: MappedFile
    let range: Range<Int>

    /// Hands over the bytes, as ``Checkpoint/withBytes(of:_:)`` does. Throws what `body` throws.
    public func withBytes<Result, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try file.withBytes(in: range, body)
    }

    /// Takes its pages into this process, which spares the first use their faults; where the system will not, nothing is
    /// lost.
    public func populate() { file.advise(.populate, range) }

    /// Gives up its pages: whoever reads it again has them read, or found in the system's cache, again.
    public func release() { file.advise(.release, range) }
}
