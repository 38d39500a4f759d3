import Messages

/// The answers to one request, in order. It ends when the request has, and throws ``RequestError`` where the request
/// fails, or what the connection ended with.
///
/// Where the task that reads it is cancelled, the request is cancelled too, and the stream goes on until that is
/// answered: a `Done` whose reason is `.cancelled`. A stream that nobody holds any more cancels its request.
public struct ReplyStream<Event: Sendable>: AsyncSequence, Sendable {
    private let request: OpenRequest
    private let event: @Sendable (ClientReply) -> Event?

    init(_ request: OpenRequest, event: @escaping @Sendable (ClientReply) -> Event?) {
        self.request = request
        self.event = event
    }

    /// Asks for the end of the request; the stream goes on until that is answered.
    public func cancel() { request.cancel() }

    public func makeAsyncIterator() -> Iterator { Iterator(request: request, event: event) }

    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let request: OpenRequest
        fileprivate let event: @Sendable (ClientReply) -> Event?

        public mutating func next() async throws -> Event? {
            let request = request
            return try await withTaskCancellationHandler {
                while let reply = try await request.next() {
                    if let event = event(reply) { return event }
                }
                return nil
            } onCancel: {
                request.cancel()
            }
        }
    }
}
