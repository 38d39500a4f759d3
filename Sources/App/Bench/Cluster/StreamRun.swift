import Messages
import Sessions
import Synchronization

/// Requests that are sent together, until all have been answered.
struct StreamRun: Sendable {
    /// Where the times of its requests begin.
    private let start: ContinuousClock.Instant
    private let endsWhenAllBegan: Bool

    /// - Parameter endsWhenAllBegan: cancel the requests once each has its first token.
    init(since start: ContinuousClock.Instant = .now, endsWhenAllBegan: Bool = false) {
        self.start = start
        self.endsWhenAllBegan = endsWhenAllBegan
    }

    /// Sends the requests, whose prompts are tokens, and reads what comes until each has ended. The service is closed
    /// where the task is cancelled.
    /// - Throws: `RequestError` and ``BenchError`` where one fails, what the service ends with, `CancellationError`.
    func run(_ messages: [Generate], on service: any TextService) async throws -> [MeasuredRequest] {
        do {
            return try await withTaskCancellationHandler {
                try await follow(messages.map { send($0, to: service) })
            } onCancel: {
                Task { await service.close() }
            }
        } catch {
            try Task.checkCancellation()
            throw error
        }
    }

    /// A request under way.
    private struct Stream: Sendable {
        var request: MeasuredRequest
        /// Tokens of the answer.
        let wanted: Int
        let events: ReplyStream<GenerationEvent>
    }

    private func send(_ message: Generate, to service: any TextService) -> Stream {
        var length = 0
        if case .tokens(let prompt) = message.prompt.content { length = prompt.count }
        return Stream(
            request: MeasuredRequest(promptTokens: length, sent: now), wanted: Int(message.maximumTokens),
            events: service.generate(message))
    }

    private func follow(_ streams: [Stream]) async throws -> [MeasuredRequest] {
        let waiting = WaitingCount(streams.count)
        return try await withThrowingTaskGroup(of: (Int, MeasuredRequest).self) { group in
            for (number, stream) in streams.enumerated() {
                group.addTask {
                    let request = try await follow(stream) {
                        guard waiting.countDown() == 0, endsWhenAllBegan else { return }
                        for stream in streams { stream.events.cancel() }
                    }
                    return (number, request)
                }
            }
            var requests = streams.map(\.request)
            for try await (number, request) in group { requests[number] = request }
            return requests
        }
    }

    /// - Parameter began: called when its first token is there.
    private func follow(_ stream: Stream, began: () -> Void) async throws -> MeasuredRequest {
        var request = stream.request
        for try await event in stream.events {
            switch event {
            case .accepted: break
            case .piece(let piece):
                let isFirst = request.tokens.isEmpty
                request.append(piece.tokens, at: now)
                if isFirst, !request.tokens.isEmpty { began() }
            case .done:
                request.ended = now
                guard request.tokens.count == stream.wanted || endsWhenAllBegan else {
                    throw BenchError.failed(
                        "an answer ended after \(request.tokens.count) of \(stream.wanted) tokens")
                }
            }
        }
        return request
    }

    private var now: Double { start.duration(to: .now) / .seconds(1) }
}

/// How many have not begun; from any task.
private final class WaitingCount: Sendable {
    private let count: Mutex<Int>

    init(_ count: Int) { self.count = Mutex(count) }

    /// One more has begun. Returns how many have not.
    func countDown() -> Int {
        count.withLock { count in
            count -= 1
            return count
        }
    }
}
