import CSIMD
import Synchronization

/// The weights of a product that is about to come, of which threads fetch the first into their second-level caches while
/// they wait: else the memory would be idle at the end of each step.
///
/// It holds weights by their address only. Fetching ahead from memory that is gone does nothing.
final class WeightsAhead: Sendable {
    private let address = Atomic<UInt>(0)
    private let byteCount = Atomic<Int>(0)

    /// How far a thread has got.
    struct Place {
        let thread: Int
        let threadCount: Int
        /// Of which weights.
        fileprivate var address: UInt = 0
        fileprivate var fetched = 0

        init(thread: Int, of threadCount: Int) { (self.thread, self.threadCount) = (thread, threadCount) }
    }

    /// So much of a thread's weights stays in a second-level cache beside what the steps until then need.
    private static let fetchedBytes = 128 << 10
    /// Lines at a time.
    private static let lines = 4

    func expect(_ bytes: UnsafeRawBufferPointer) {
        byteCount.store(bytes.count, ordering: .relaxed)
        address.store(UInt(bitPattern: bytes.baseAddress), ordering: .releasing)
    }

    /// Asks for the next few lines of the thread's share.
    func fetch(_ place: inout Place) {
        let address = address.load(ordering: .acquiring)
        if address != place.address { (place.address, place.fetched) = (address, 0) }
        let byteCount = byteCount.load(ordering: .relaxed)
        guard place.fetched < min(Self.fetchedBytes, byteCount / place.threadCount) else { return }
        let start = byteCount / place.threadCount * place.thread + place.fetched
        guard let line = UnsafeRawPointer(bitPattern: address &+ UInt(bitPattern: start)) else { return }
        for index in 0..<Self.lines { csimd_prefetch_l2(line, 64 * index) }
        place.fetched += 64 * Self.lines
    }
}
