import Messages
import Sessions

/// Asks a coordinator for its batches, for some time.
package struct TraceRecorder: Sendable {
    private static let pause = Duration.milliseconds(200)
    /// A coordinator that answers heartbeats only knows nothing of traces.
    private static let patience = Duration.seconds(10)

    private let service: any ClusterService
    private let duration: Duration

    package init(_ service: any ClusterService, duration: Duration) {
        self.service = service
        self.duration = duration
    }

    /// Records until the time is over or the task is cancelled, and returns what came until then: nothing, without a
    /// beginning, of a coordinator that has no traces.
    /// - Parameter progress: told how many of how many milliseconds have gone by.
    /// - Throws: what the service ends with.
    package func record(progress: @escaping @Sendable (Int, Int) -> Void) async throws -> RecordedTrace {
        let recording = Task { try await collect(progress) }
        let watchdog = Task { [duration] in
            try await Task.sleep(for: duration + Self.patience)
            recording.cancel()
        }
        defer { watchdog.cancel() }
        return try await withTaskCancellationHandler {
            try await recording.value
        } onCancel: {
            recording.cancel()
        }
    }

    private func collect(_ progress: @Sendable (Int, Int) -> Void) async throws -> RecordedTrace {
        let clock = ContinuousClock()
        let begin = clock.now
        var recorded = RecordedTrace()
        do {
            while true {
                let answer = try await service.trace(after: recorded.next)
                recorded.append(answer)
                let elapsed = clock.now - begin
                progress(Int(elapsed / .milliseconds(1)), Int(duration / .milliseconds(1)))
                // As many as an answer holds: there are more.
                if answer.records.count < Trace.mostRecords {
                    if elapsed >= duration || recorded.isFull { return recorded }
                    try await clock.sleep(for: min(Self.pause, duration - elapsed))
                }
            }
        } catch is CancellationError {
            return recorded
        }
    }
}
