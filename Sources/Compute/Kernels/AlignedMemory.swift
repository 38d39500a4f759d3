import Glibc

/// Zeroed memory for floats, aligned to at least 64 bytes. In large memory, pages that are never touched cost nothing.
///
/// Unchecked because of the pointer: threads that share the memory write disjoint parts of it, or none.
final class AlignedMemory: @unchecked Sendable {
    let floats: UnsafeMutablePointer<Float>
    let byteCount: Int
    private let isMapped: Bool

    /// From this size on memory is mapped rather than allocated: mapped pages start untouched and are returned at once.
    private static let mappedFrom = 1 << 20

    /// - Parameter expectedDense: All of the memory will be used, so huge pages waste nothing; they make address
    /// translation cheaper.
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
