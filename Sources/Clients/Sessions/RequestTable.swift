import Messages
import Synchronization

/// The requests of one connection: numbers them, hands each its replies, grants pieces as they are read, and cancels.
/// What carries the messages gives it the replies with ``deliver(_:)`` and ends it with ``finish(_:)``.
package final class RequestTable: RequestKeeping {
    /// Pieces of a `Generate` that are read before more are granted.
    private static let piecesPerGrant: UInt32 = 32

    private struct State {
        var lastID: UInt64 = 0
        var requests: [UInt64: RequestState] = [:]
        /// What the connection ended with.
        var end: (any Error)?
    }

    private let state = Mutex(State())
    private let send: @Sendable (ClientRequest) -> Void

    /// - Parameter send: carries a message away, in order; never blocks.
    package init(send: @escaping @Sendable (ClientRequest) -> Void) { self.send = send }

    // MARK: - Requests

    package func generate(_ request: Generate) -> ReplyStream<GenerationEvent> {
        let kind = RequestState.Kind.stream(sequences: request.sequences, piecesPerGrant: Self.piecesPerGrant)
        let id = open(kind) { id in
            var numbered = request
            numbered.requestID = id
            return .generate(numbered)
        }
        return ReplyStream(OpenRequest(id: id, keeper: self)) { GenerationEvent($0) }
    }

    package func score(_ request: Score) -> ReplyStream<ScoreEvent> {
        // Each piece is large.
        let id = open(.stream(sequences: 1, piecesPerGrant: 1)) { id in
            var numbered = request
            numbered.requestID = id
            return .score(numbered)
        }
        return ReplyStream(OpenRequest(id: id, keeper: self)) { ScoreEvent($0) }
    }

    /// Asks something that has one answer.
    /// - Parameters:
    ///   - message: the question, with its number.
    ///   - answer: what is wanted of the reply; nil of one that is none.
    /// - Throws: ``RequestError``, what the connection ended with, `CancellationError`.
    package func ask<Answer>(
        _ message: (UInt64) -> ClientRequest, answer: (ClientReply) -> Answer?
    ) async throws -> Answer {
        let id = open(.answer, message)
        defer { forget(id) }
        let reply = try await withTaskCancellationHandler {
            try await next(of: id)
        } onCancel: {
            end(id, with: CancellationError())
        }
        guard let answer = reply.flatMap(answer) else { throw RequestError("the answer is not to what was asked") }
        return answer
    }

    package func tokenize(_ prompt: Prompt) async throws -> Tokenized {
        try await ask {
            .tokenize(requestID: $0, prompt: prompt)
        } answer: { reply in
            if case .tokenized(let tokenized) = reply { tokenized } else { nil }
        }
    }

    package func detokenize(_ tokens: [Int32]) async throws -> [UInt8] {
        try await ask {
            .detokenize(requestID: $0, tokens: tokens)
        } answer: { reply in
            if case .detokenized(_, let text) = reply { text } else { nil }
        }
    }

    /// Messages leave in the order of their numbers.
    private func open(_ kind: RequestState.Kind, _ message: (UInt64) -> ClientRequest) -> UInt64 {
        state.withLock { state in
            state.lastID += 1
            let id = state.lastID
            var request = RequestState(kind)
            if let end = state.end { request.finish(end) } else { send(message(id)) }
            state.requests[id] = request
            return id
        }
    }

    // MARK: - Replies

    /// Hands a reply to the request it is for; one for nobody is dropped.
    /// - Returns: false where more replies wait than anybody asked for.
    package func deliver(_ reply: ClientReply) -> Bool {
        guard let id = reply.requestID else { return true }
        return update(id) { $0.append(reply) } ?? true
    }

    /// The connection has ended, and with it every request that has not.
    /// - Parameter error: why; nil: it was closed.
    package func finish(_ error: (any Error)?) {
        let error = error ?? RequestError("the connection ended before the answer was complete")
        let ids = state.withLock { state in
            state.end = state.end ?? error
            return Array(state.requests.keys)
        }
        for id in ids { end(id, with: error) }
    }

    // MARK: - For the reader of a request

    func next(of id: UInt64) async throws -> ClientReply? {
        try await withCheckedThrowingContinuation { reader in
            let taken = state.withLock { state -> (Result<ClientReply?, any Error>, UInt32)? in
                guard state.requests[id] != nil else { return (.success(nil), 0) }
                if let taken = state.requests[id]?.take() { return taken }
                state.requests[id]?.wait(reader)
                return nil
            }
            if let taken { resume(reader, with: taken.0, granting: taken.1, to: id) }
        }
    }

    func cancel(_ id: UInt64) {
        let isDue = state.withLock { $0.requests[id]?.takeCancellation() ?? false }
        if isDue { send(.cancel(requestID: id)) }
    }

    /// Ends a request for its reader alone.
    func end(_ id: UInt64, with error: any Error) { _ = update(id) { $0.finish(error) } }

    func forget(_ id: UInt64) {
        cancel(id)
        state.withLock { $0.requests[id] = nil }
    }

    /// Changes a request, and hands its reader what there is then; nil where it is not known.
    private func update<Result>(_ id: UInt64, _ change: (inout RequestState) -> Result) -> Result? {
        let updated = state.withLock { state -> (Result, RequestState.Reader?, Taken?)? in
            guard var request = state.requests[id] else { return nil }
            let result = change(&request)
            let reader = request.readyReader()
            let taken = reader.flatMap { _ in request.take() }
            state.requests[id] = request
            return (result, reader, taken)
        }
        guard let (result, reader, taken) = updated else { return nil }
        if let reader, let taken { resume(reader, with: taken.reply, granting: taken.grant, to: id) }
        return result
    }

    private typealias Taken = (reply: Swift.Result<ClientReply?, any Error>, grant: UInt32)

    private func resume(
        _ reader: RequestState.Reader, with reply: Result<ClientReply?, any Error>, granting pieces: UInt32,
        to id: UInt64
    ) {
        reader.resume(with: reply)
        if pieces > 0 { send(.credit(requestID: id, pieces: pieces)) }
    }
}
