import Synchronization

/// Distributes the parts of one job after another over threads. Each thread has a run of neighbouring parts, which it
/// processes in order so that its reads are sequential; a thread that has finished its run helps the others.
///
/// A thread that sleeps through a job is not waited for. Each run has a ticket with the job's number and the number of
/// parts left; it hands each part to exactly one thread, and a job ends when all its parts are done.
///
/// Unchecked: `body` and `parts` are written before the tickets offer parts, read by threads that hold one, and written
/// again only after all parts are done.
final class PartQueue: @unchecked Sendable {
    private let runs: [Run]
    private let job = Atomic<UInt32>(0)
    private let done = LoneAtomic()
    private let isClosed = Atomic<Bool>(false)
    private let offered = Signal()
    private let finished = Signal()
    private var parts = 0
    private var body: (@Sendable (Int) -> Void)?

    /// Thread 0 is the caller of `run`; the others call `serve`.
    init(threadCount: Int) {
        runs = (0..<threadCount).map { _ in Run() }
    }

    /// Offers the parts to the serving threads, works on them too, and returns when all are done. One caller at a time.
    func run(_ parts: Int, _ body: @escaping @Sendable (Int) -> Void) {
        precondition(parts > 0 && parts <= Int(Int32.max), "number of parts")
        self.parts = parts
        self.body = body
        done.value.store(0, ordering: .relaxed)
        let number = job.load(ordering: .relaxed) &+ 1
        for index in runs.indices { runs[index].offer(end(of: index, parts) - end(of: index - 1, parts), job: number) }
        job.store(number, ordering: .releasing)
        offered.raise()
        workOff(thread: 0)
        finished.wait { done.value.load(ordering: .acquiring) == UInt64(parts) }
        self.body = nil
    }

    /// Works on jobs as one of the threads until the queue is closed.
    func serve(thread: Int) {
        while true {
            let seen = job.load(ordering: .acquiring)
            workOff(thread: thread)
            offered.wait { job.load(ordering: .acquiring) != seen || isClosed.load(ordering: .acquiring) }
            if isClosed.load(ordering: .acquiring) { return }
        }
    }

    /// Ends `serve`.
    func close() {
        isClosed.store(true, ordering: .releasing)
        offered.raise()
    }

    /// The end of a thread's run.
    private func end(of thread: Int, _ parts: Int) -> Int { parts * (thread + 1) / runs.count }

    /// Processes parts of the current job until none are left.
    private func workOff(thread: Int) {
        var count: UInt64 = 0
        for step in 0..<runs.count {
            let index = (thread + step) % runs.count
            while let left = runs[index].claim() {
                body?(end(of: index, parts) - left)
                count += 1
            }
        }
        guard count > 0 else { return }
        // Counted once rather than for each part, to avoid contention. The job lasts until this is counted.
        let all = UInt64(parts)
        if done.value.add(count, ordering: .acquiringAndReleasing).newValue == all { finished.raise() }
    }
}

/// Neighbouring parts of a job, meant for one thread.
private final class Run: Sendable {
    private let ticket = LoneAtomic()

    /// Offers so many parts of a job.
    func offer(_ count: Int, job: UInt32) {
        ticket.value.store(UInt64(job) << 32 | UInt64(count), ordering: .releasing)
    }

    /// Claims the next part. Returns how many were left including it, or nil if none was.
    func claim() -> Int? {
        var current = ticket.value.load(ordering: .acquiring)
        while current & UInt64(UInt32.max) > 0 {
            let claim = ticket.value.weakCompareExchange(
                expected: current, desired: current - 1, ordering: .acquiringAndReleasing)
            if claim.exchanged { return Int(current & UInt64(UInt32.max)) }
            current = claim.original
        }
        return nil
    }
}

/// An atomic number alone in its cache lines: a write would evict neighbouring data from other processors' caches.
private final class LoneAtomic: Sendable {
    private let before = InlineArray<15, UInt64>(repeating: 0)
    let value = Atomic<UInt64>(0)
    private let after = InlineArray<15, UInt64>(repeating: 0)
}
