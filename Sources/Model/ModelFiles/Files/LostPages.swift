import Glibc
import Synchronization

/// Says which mapped file it was when a process touches a page that its file has lost: one that was cut short or written
/// in place while it was in use, or whose disk fails. The system ends such a process with SIGBUS, which names nothing.
///
/// The signal's handler may call few functions and take no lock, hence a table of fixed size, of plain memory.
enum LostPages {
    private struct Entry {
        var start: UInt
        var end: UInt
        /// Nil where the entry is free.
        var path: UnsafeMutablePointer<CChar>?
    }

    /// Twice as many as a model may have files; of those beyond, nothing is said.
    private static let capacity = 2 * Limits.shards

    /// Written with ``lock`` held, and read by the handler, which only looks at entries in use: those of files that are
    /// mapped do not change. Never freed.
    nonisolated(unsafe) private static let table: UnsafeMutablePointer<Entry> = {
        let table = UnsafeMutablePointer<Entry>.allocate(capacity: capacity)
        table.initialize(repeating: Entry(start: 0, end: 0, path: nil), count: capacity)
        return table
    }()

    private static let lock = Mutex(())
    private static let isEnding = Atomic(false)

    /// Once: the handler of the signal.
    private static let handler: Void = {
        var action = sigaction()
        action.__sigaction_handler.sa_sigaction = { _, information, _ in
            LostPages.end(at: UInt(bitPattern: information?.pointee._sifields._sigfault.si_addr))
        }
        action.sa_flags = SA_SIGINFO
        sigaction(SIGBUS, &action, nil)
    }()

    /// Remembers where a file is mapped.
    static func add(_ base: UnsafeRawPointer, _ byteCount: Int, path: String) {
        // The table is made before there is a handler to read it.
        let table = table
        _ = handler
        lock.withLock { _ in
            guard let index = (0..<capacity).first(where: { table[$0].path == nil }) else { return }
            let start = UInt(bitPattern: base)
            table[index] = Entry(start: start, end: start + UInt(byteCount), path: strdup(path))
        }
    }

    /// Forgets it; before it is mapped no more.
    static func remove(_ base: UnsafeRawPointer) {
        lock.withLock { _ in
            let start = UInt(bitPattern: base)
            for index in 0..<capacity where table[index].path != nil && table[index].start == start {
                let path = table[index].path
                table[index] = Entry(start: 0, end: 0, path: nil)
                free(path)
            }
        }
    }

    /// Runs as the signal's handler. For an address of no file the signal has its usual effect.
    private static func end(at address: UInt) {
        for index in 0..<capacity {
            guard let path = table[index].path, table[index].start <= address, address < table[index].end else {
                continue
            }
            // Several threads may read the same file, and one line is enough.
            while isEnding.exchange(true, ordering: .relaxed) { pause() }
            write("paceline: ")
            _ = Glibc.write(STDERR_FILENO, path, strlen(path))
            write(
                ": changed while it was in use, or its disk failed: put models in place by renaming, and start again\n")
            _exit(1)
        }
        signal(SIGBUS, SIG_DFL)
    }

    private static func write(_ text: StaticString) {
        _ = Glibc.write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
    }
}
