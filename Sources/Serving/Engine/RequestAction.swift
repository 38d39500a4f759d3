import Messages

/// What the engine asks its shell to perform.
public enum RequestAction: Sendable, Equatable {
    case send(ClientReply, to: ClientID)
    /// To be run, on any thread, and its result handed to ``RequestEngine/finished(_:)``.
    case run(TextJob)
    /// No sequence of this batch, which is in flight, is wanted any more.
    case cancelBatch(batchID: UInt64)
}
