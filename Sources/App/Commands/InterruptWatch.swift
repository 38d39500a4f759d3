@preconcurrency import Dispatch
import Foundation
import Supervisor
import Synchronization

/// Watches for ^C (and SIGTERM and SIGHUP), until ``end()``: the first runs what is given, the second ends the program.
final class InterruptWatch: Sendable {
    private static let signals = [SIGINT, SIGTERM] + (HangUp.isIgnored ? [] : [SIGHUP])

    private let sources: [any DispatchSourceSignal]

    init(_ onFirst: @escaping @Sendable () -> Void) {
        let seen = SignalCount()
        sources = Self.signals.map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                if seen.isFirst() { onFirst() } else { Foundation.exit(ExitStatus.failed) }
            }
            source.resume()
            return source
        }
    }

    func end() {
        for source in sources { source.cancel() }
        for number in Self.signals { signal(number, SIG_DFL) }
    }
}

/// Runs work that ^C (or SIGTERM or SIGHUP) cancels; a second one ends the program.
func cancelledByInterrupt<Result: Sendable>(
    _ work: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    let task = Task { try await work() }
    let interrupts = InterruptWatch { task.cancel() }
    defer { interrupts.end() }
    return try await task.value
}

private final class SignalCount: Sendable {
    private let count = Mutex(0)

    func isFirst() -> Bool {
        count.withLock { count in
            count += 1
            return count == 1
        }
    }
}
