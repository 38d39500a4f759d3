import Messages

/// What the engine asks its shell to perform.
public enum RequestAction: Sendable, Equatable {
    case send(ClientReply, to: ClientID)
    /// No sequence of this batch, which is in flight, is wanted any more.
    case cancelBatch(batchID: UInt64)
}
