import Synchronization

/// A fixed number of threads that share work: the caller's and others that wait for it. They first spin for some
/// microseconds, then yield, since the steps of a model follow each other closely, then sleep.
///
/// Each thread starts with neighbouring parts of the work and then helps the others. So a part must not depend on
/// another, and results are the same for any number of threads.
public final class ThreadTeam: Sendable {
    /// Number of threads, the caller's included.
    public let threadCount: Int
    private let queue: PartQueue
    private let threads: [JoinableThread]
    /// Held while a job runs; true once stopped.
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
    /// done. Concurrent callers take turns. A part must not call `run` itself.
    public func run(_ parts: Int, _ body: @escaping @Sendable (_ part: Int) -> Void) {
        isStopped.withLock { isStopped in
            if parts <= 1 || threads.isEmpty || isStopped {
                for part in 0..<max(0, parts) { body(part) }
            } else {
                queue.run(parts, body)
            }
        }
    }

    /// Wakes the threads, so that work that is about to arrive does not wait for them.
    public func wake() { run(threadCount) { _ in } }

    /// Ends the threads after the current job. Later work runs on the caller's thread alone.
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
    /// With fewer multiply-adds than this, waking the other threads takes longer than the work.
    static let worthSharing = 1 << 15
    /// Several parts for each thread balance delays.
    static var fewParts: Int { 4 }
    /// For work that is limited by memory bandwidth, which would lie idle when a thread ends early: the last parts are
    /// small.
    static var manyParts: Int { 16 }

    /// Divides `count` items into ranges that start at multiples of `multiple`, about `partsPerThread` for each thread,
    /// and calls `body` with each.
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

/// Divides items into equal runs of neighbours, one for each thread, and each run into parts that shrink, so that there
/// is little to wait for when the first thread has finished.
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

    /// The items left in a run where part `index` starts; they shrink quadratically.
    private func left(of size: Int, from index: Int) -> Int {
        let parts = partsPerRun - index
        return size * parts * parts / (partsPerRun * partsPerRun)
    }
}
