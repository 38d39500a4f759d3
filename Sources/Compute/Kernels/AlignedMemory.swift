import Glibc

/// Zeroed memory for floats, aligned to 64 bytes or more. Pages that are never touched cost nothing where it is large.
///
/// Unchecked, for the pointers: who shares the memory between threads writes disjoint parts of it, or none.
final class AlignedMemory: @unchecked Sendable {
    let floats: UnsafeMutablePointer<Float>
    let byteCount: Int
    private let isMapped: Bool

    /// From here on memory is mapped for itself, which leaves it untouched and gives it back at once.
    private static let mappedFrom = 1 << 20

    /// `expectedDense`: all of it will be used, so that huge pages, which spare address translation, waste nothing.
    init(floatCount: Int, expectedDense: Bool, purpose: String) throws(KernelsError) {
        let (byteCount, overflow) = floatCount.multipliedReportingOverflow(by: MemoryLayout<Float>.stride)
        guard !overflow, floatCount >= 0 else { throw .outOfMemory(byteCount: nil, purpose: purpose) }
        self.byteCount = byteCount
        isMapped = byteCount >= Self.mappedFrom
        let memory: UnsafeMutableRawPointer
        if isMapped {
            let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
            guard let map = mmap(nil, byteCount, PROT_READ | PROT_WRITE, flags, -1, 0), map != MAP_FAILED else {
                throw .outOfMemory(byteCount: byteCount, purpose: purpose)
            }
            if expectedDense { madvise(map, byteCount, MADV_HUGEPAGE) }
            memory = map
        } else {
            memory = .allocate(byteCount: max(byteCount, 1), alignment: 64)
            memset(memory, 0, byteCount)
        }
        floats = memory.bindMemory(to: Float.self, capacity: floatCount)
    }

    deinit {
        if isMapped { munmap(floats, byteCount) } else { UnsafeMutableRawPointer(floats).deallocate() }
    }
}
