import Messages

/// A request of a table, for its one reader. The request is cancelled when nobody holds this any more.
final class OpenRequest: Sendable {
    private let id: UInt64
    private let table: RequestTable

    init(id: UInt64, table: RequestTable) {
        self.id = id
        self.table = table
    }

    deinit { table.forget(id) }

    /// The next reply; nil at the end. Being cancelled does not end the wait.
    func next() async throws -> ClientReply? { try await table.next(of: id) }

    func cancel() { table.cancel(id) }
}
