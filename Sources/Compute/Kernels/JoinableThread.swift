import Glibc

/// A system thread that runs one function. It blocks all signals, which belong to the main thread, but SIGBUS: where a
/// mapped file lost the page that this thread reads, its handler says which.
struct JoinableThread: Sendable {
    private let handle: pthread_t

    /// Starts the thread. Throws ``KernelsError/noThread(reason:)``.
    init(_ body: @escaping @Sendable () -> Void) throws(KernelsError) {
        let box = Unmanaged.passRetained(Body(run: body))
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        sigdelset(&all, SIGBUS)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        var handle = pthread_t()
        let code = pthread_create(
            &handle, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, box.toOpaque())
        pthread_sigmask(SIG_SETMASK, &before, nil)
        guard code == 0 else {
            box.release()
            throw .noThread(reason: String(cString: strerror(code)))
        }
        self.handle = handle
    }

    /// Waits until the thread ends; call once.
    func join() { pthread_join(handle, nil) }

    private final class Body: Sendable {
        let run: @Sendable () -> Void

        init(run: @escaping @Sendable () -> Void) { self.run = run }
    }
}
