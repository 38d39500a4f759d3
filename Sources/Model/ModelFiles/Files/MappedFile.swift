import Embedded
import Glibc

/// A file of weights mapped read-only; unmapped at the end of its life, unless it is mapped as part of the program.
/// Nothing is read until bytes are touched.
///
/// A file that is truncated while it is mapped raises SIGBUS where the lost pages are touched; no check at opening can
/// prevent that, and ``LostPages`` ends the process with the file's name. Model files are to be replaced by renaming, as
/// ``SafetensorsWriter`` does, never written in place.
// Unchecked because of the pointer: it is set once, the memory it points to is never written, and it is unmapped only
// when nobody holds the object any more.
final class MappedFile: @unchecked Sendable {
    let path: String
    let identity: FileIdentity
    private let base: UnsafeRawPointer
    private let isEmbedded: Bool

    /// Maps the whole of `file`, which must not be empty; throws ``ModelFileError/cannotRead(file:reason:)``.
    init(_ file: borrowing ReadOnlyFile) throws(ModelFileError) {
        switch file.source {
        case .embedded(let embedded): (base, isEmbedded) = (embedded.base, true)
        case .descriptor(let descriptor):
            guard let base = mmap(nil, file.byteCount, PROT_READ, MAP_SHARED, descriptor, 0), base != MAP_FAILED else {
                throw .cannotRead(file: file.path, reason: systemReason())
            }
            (self.base, isEmbedded) = (UnsafeRawPointer(base), false)
        }
        path = file.path
        identity = file.identity
        if !isEmbedded { LostPages.add(base, identity.byteCount, path: path) }
        // What is read from the disk from now on comes in huge pages, where the file system has them; elsewhere this fails,
        // and changes nothing.
        advise(.gather, 0..<identity.byteCount)
    }

    deinit {
        guard !isEmbedded else { return }
        LostPages.remove(base)
        munmap(UnsafeMutableRawPointer(mutating: base), identity.byteCount)
    }

    /// What shall become of pages.
    enum Advice {
        case populate, release, gather, scatter

        var code: CInt {
            switch self {
            // MADV_POPULATE_READ, since Linux 5.14; older ones refuse it.
            case .populate: 22
            case .release: MADV_DONTNEED
            case .gather: MADV_HUGEPAGE
            case .scatter: MADV_NOHUGEPAGE
            }
        }
    }

    /// Tells the system about all pages that a range touches. A page given up that others still use comes back when they
    /// do, unchanged.
    func advise(_ advice: Advice, _ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= identity.byteCount, "range outside the file")
        guard !range.isEmpty else { return }
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let start = range.lowerBound / page * page
        _ = madvise(UnsafeMutableRawPointer(mutating: base + start), range.upperBound - start, advice.code)
    }

    /// Gives up every page.
    func release() { advise(.release, 0..<identity.byteCount) }

    /// Hands over the bytes of a range, which must lie in the file.
    func withBytes<Result, Failure: Error>(
        in range: Range<Int>, _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        precondition(range.lowerBound >= 0 && range.upperBound <= identity.byteCount, "range outside the file")
        defer { extendLifetime(self) }
        return try body(UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count).bytes)
    }
}
