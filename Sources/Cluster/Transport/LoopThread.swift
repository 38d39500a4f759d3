import CZeroMQ
import Glibc

/// A thread of the operating system for one loop; the cooperative pool's threads must not block in a poll.
enum LoopThread {
    /// Runs `body` on a new thread of that name (as much of it as Linux keeps: 15 bytes).
    static func start(name: String, _ body: @escaping @Sendable () -> Void) throws(TransportError) {
        let start = Unmanaged.passRetained(Start(name: name, body: body))
        var thread = pthread_t()
        let failure = pthread_create(&thread, nil, runThread, start.toOpaque())
        guard failure == 0 else {
            start.release()
            throw .system(operation: "starting the thread of \(name)", reason: String(cString: strerror(failure)))
        }
        pthread_detach(thread)
    }

    fileprivate final class Start {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    /// Leaves the process's signals to its other threads, except those that mean a crash of this one.
    fileprivate static func blockSignals() {
        var signals = sigset_t()
        sigfillset(&signals)
        for crash in [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV] { sigdelset(&signals, crash) }
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }
}

private func runThread(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    LoopThread.blockSignals()
    guard let argument else { return nil }
    let start = Unmanaged<LoopThread.Start>.fromOpaque(argument).takeRetainedValue()
    paceline_name_thread(start.name)
    start.body()
    return nil
}
