import Synchronization

/// A fixed number of threads that share work: the caller's own and others that wait for it, first spinning for some
/// microseconds and then yielding for some, since a model's steps follow each other closely, then asleep.
///
/// Each has neighbouring parts of the work to begin with, and then helps the others; so a part must not depend on any
/// other, and results are the same for any number of threads.
public final class ThreadTeam: Sendable {
    /// Number of threads, the caller's included.
    public let threadCount: Int
    private let queue: PartQueue
    private let threads: [JoinableThread]
    /// One job at a time; true once stopped.
    private let isStopped = Mutex(false)

    /// Starts `threadCount` - 1 threads (at least one thread in all). Throws ``KernelsError/noThread(reason:)``.
    public init(threadCount: Int = ProcessorCount.available()) throws(KernelsError) {
        self.threadCount = max(1, threadCount)
        queue = PartQueue(threadCount: self.threadCount)
        var threads: [JoinableThread] = []
        for thread in 1..<max(2, threadCount) where threadCount > 1 {
            do {
                threads.append(try JoinableThread { [queue] in queue.serve(thread: thread) })
            } catch {
                queue.close()
                for thread in threads { thread.join() }
                throw error
            }
        }
        self.threads = threads
    }

    deinit { stop() }

    /// Calls `body` once for each part 0..<`parts`, in any order and on any of the threads, and returns when all are
    /// done. Several callers take turns. A part must not call `run` itself.
    public func run(_ parts: Int, _ body: @escaping @Sendable (_ part: Int) -> Void) {
        isStopped.withLock { isStopped in
            if parts <= 1 || threads.isEmpty || isStopped {
                for part in 0..<max(0, parts) { body(part) }
            } else {
                queue.run(parts, body)
            }
        }
    }

    /// Wakes the threads, so that work that is about to come does not wait for them.
    public func wake() { run(threadCount) { _ in } }

    /// Ends the threads, once the job they work on is done. Work handed over later is done by the caller alone.
    public func stop() {
        isStopped.withLock { isStopped in
            guard !isStopped else { return }
            isStopped = true
            queue.close()
            for thread in threads { thread.join() }
        }
    }
}

extension ThreadTeam {
    /// Below this many multiply-adds in all, waking others takes longer than the work.
    static let worthSharing = 1 << 15
    /// Several parts a thread even out threads that are held up.
    static var fewParts: Int { 4 }
    /// Where work is as fast as memory delivers, a thread that ends early leaves it idle; so the last parts are small.
    static var manyParts: Int { 16 }

    /// Cuts `count` items into ranges that begin at multiples of `multiple`, so many for each thread, and calls `body` for
    /// each.
    func run(
        _ count: Int, of multiple: Int, multiplyAdds: Int, partsPerThread: Int = fewParts,
        _ body: @escaping @Sendable (Range<Int>) -> Void
    ) {
        let units = (count + multiple - 1) / multiple
        guard units > 1, threadCount > 1, multiplyAdds >= Self.worthSharing else {
            if count > 0 { body(0..<count) }
            return
        }
        let cut = ShrinkingParts(units: units, threadCount: threadCount, partsPerThread: partsPerThread)
        run(cut.count) { part in
            let units = cut[part]
            guard !units.isEmpty else { return }
            body(units.lowerBound * multiple..<min(count, units.upperBound * multiple))
        }
    }
}

/// Items cut into equal runs of neighbours, one a thread, and those into parts, large at first and small at the end, so
/// that there is little to wait for when the first thread is through.
package struct ShrinkingParts: Sendable {
    private let units: Int
    private let runs: Int
    private let partsPerRun: Int

    package init(units: Int, threadCount: Int, partsPerThread: Int) {
        self.units = units
        runs = min(units, threadCount)
        partsPerRun = min(partsPerThread, units / runs)
    }

    /// Number of parts, some of them empty.
    package var count: Int { runs * partsPerRun }

    package subscript(part: Int) -> Range<Int> {
        let (run, index) = part.quotientAndRemainder(dividingBy: partsPerRun)
        let (start, end) = (units * run / runs, units * (run + 1) / runs)
        return end - left(of: end - start, from: index)..<end - left(of: end - start, from: index + 1)
    }

    /// What is left of a run where part `index` begins: it falls with the square.
    private func left(of size: Int, from index: Int) -> Int {
        let parts = partsPerRun - index
        return size * parts * parts / (partsPerRun * partsPerRun)
    }
}
