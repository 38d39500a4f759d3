import Messages

/// Who keeps the requests of a connection, by their numbers.
protocol RequestKeeping: Sendable {
    /// The next reply; nil at the end. Being cancelled does not end the wait.
    func next(of id: UInt64) async throws -> ClientReply?

    /// Asks for the end of a request, where it has not ended.
    func cancel(_ id: UInt64)

    /// Nobody reads a request any more: cancels it where it has not ended.
    func forget(_ id: UInt64)
}

/// An open request, for its one reader. The request is cancelled when nobody holds this any more.
final class OpenRequest: Sendable {
    private let id: UInt64
    private let keeper: any RequestKeeping

    init(id: UInt64, keeper: any RequestKeeping) {
        self.id = id
        self.keeper = keeper
    }

    deinit { keeper.forget(id) }

    /// The next reply; nil at the end. Being cancelled does not end the wait.
    func next() async throws -> ClientReply? { try await keeper.next(of: id) }

    func cancel() { keeper.cancel(id) }
}
