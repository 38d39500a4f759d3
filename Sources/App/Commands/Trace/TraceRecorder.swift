import Client
import Foundation
import Messages
import Observe
import Sessions
import Synchronization
import Transport
import Wire

/// Asks a coordinator for its batches, for some seconds or until ^C.
struct TraceRecorder {
    private static let pause = Duration.milliseconds(200)
    /// A coordinator that answers heartbeats only knows nothing of traces.
    private static let patience = Duration.seconds(10)

    let coordinator: Endpoint
    let duration: Duration

    /// - Throws: `ClientError` where the coordinator is not there, or not any more; ``RequestError`` where it has no traces.
    func record() async throws -> RecordedTrace {
        let channel = ClusterChannel(coordinator)
        let interrupts = InterruptWatch { Task { await channel.close() } }
        let watchdog = Task { [duration] in
            try await Task.sleep(for: duration + Self.patience)
            await channel.close()
        }
        defer {
            interrupts.end()
            watchdog.cancel()
        }
        let trace = try await collect(channel)
        await channel.close()
        guard trace.begin != nil else {
            throw RequestError("the coordinator at \(coordinator) gives no traces: it is older than this program")
        }
        return trace
    }

    private func collect(_ channel: ClusterChannel) async throws -> RecordedTrace {
        let clock = ContinuousClock()
        let bar = ProgressBar("recording")
        defer { bar.finish() }
        let begin = clock.now
        var recorded = RecordedTrace()
        channel.send(.traceRequest(requestID: 1, after: 0))
        for try await case .trace(let answer) in channel.replies {
            recorded.append(answer)
            let elapsed = clock.now - begin
            bar.update(Int(elapsed / .milliseconds(1)), of: Int(duration / .milliseconds(1)))
            // As many as an answer holds: there are more.
            if answer.records.count < WireLimits.traceRecords {
                if elapsed >= duration || recorded.isFull { break }
                try await clock.sleep(for: min(Self.pause, duration - elapsed))
            }
            channel.send(.traceRequest(requestID: 1, after: recorded.next))
        }
        return recorded
    }
}
