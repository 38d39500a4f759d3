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

    /// The same bytes in pieces of so many, the last perhaps shorter.
    func pieces(of byteCount: Int) -> [MappedTensor] {
        stride(from: range.lowerBound, to: range.upperBound, by: byteCount).map { start in
            MappedTensor(file: file, range: start..<min(start + byteCount, range.upperBound))
        }
    }

    /// Takes its pages into this process, which spares the first use their faults; where the system will not, nothing is
    /// lost.
    public func populate() {
        // Where another stage of this process read it here and there.
        file.advise(.gather, range)
        file.advise(.populate, range)
    }

    /// Only few of its bytes will be read, here and there; so they shall not come with two megabytes around them.
    public func expectScatteredReads() { file.advise(.scatter, range) }

    /// Gives up its pages: whoever reads it again has them read, or found in the system's cache, again.
    public func release() { file.advise(.release, range) }

    /// The same of a part of its bytes, counted from its first, which must lie in it.
    public func release(_ part: Range<Int>) {
        precondition(part.lowerBound >= 0 && part.upperBound <= range.count, "part of a tensor")
        file.advise(.release, range.lowerBound + part.lowerBound..<range.lowerBound + part.upperBound)
    }
}
