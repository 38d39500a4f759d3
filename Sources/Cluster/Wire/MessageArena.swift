internal import CWire

/// The memory of one message while protobuf-c has to do with it: structures, arrays and strings, all freed when the
/// arena is. Past its budget it gives none, which protobuf-c takes as a reason to give up cleanly. Memory handed back in
/// between is not reused, so the budget bounds work, too: a header that makes protobuf-c merge and copy the same lists
/// again and again comes to an end.
package final class MessageArena {
    private var allocations: [UnsafeMutableRawPointer] = []
    private var remaining: Int

    /// What malloc and `allocations` need for one block.
    private static let overhead = 32

    init(budget: Int = .max) {
        remaining = budget
    }

    deinit {
        for allocation in allocations { allocation.deallocate() }
    }

    /// Uninitialised memory, or nil when the budget does not reach.
    func allocate(bytes: Int) -> UnsafeMutableRawPointer? {
        let (cost, overflow) = bytes.addingReportingOverflow(Self.overhead)
        guard bytes >= 0, !overflow, cost <= remaining else { return nil }
        remaining -= cost
        let allocation = UnsafeMutableRawPointer.allocate(
            byteCount: max(bytes, 1), alignment: MemoryLayout<max_align_t>.alignment)
        allocations.append(allocation)
        return allocation
    }

    /// Calls `body` with an allocator for protobuf-c that takes from this arena.
    func withAllocator<Result>(_ body: (inout ProtobufCAllocator) -> Result) -> Result {
        withExtendedLifetime(self) {
            var allocator = ProtobufCAllocator(
                alloc: { arena, size in
                    guard let arena, let bytes = Int(exactly: size) else { return nil }
                    return Unmanaged<MessageArena>.fromOpaque(arena).takeUnretainedValue().allocate(bytes: bytes)
                },
                free: { _, _ in },
                allocator_data: Unmanaged.passUnretained(self).toOpaque())
            return body(&allocator)
        }
    }
}
