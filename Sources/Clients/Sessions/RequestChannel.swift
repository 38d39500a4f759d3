import Messages

/// Where requests go and answers come from: a cluster, or a model in the same process. Both speak in the messages of the
/// client link.
public protocol RequestChannel: Sendable {
    /// Sends a client's message; never blocks.
    func send(_ body: ClientRequest)

    /// What comes back, for one reader. Ends, with an error where there is one, when the channel does.
    var replies: AsyncThrowingStream<ClientReply, any Error> { get }

    /// Ends the channel; its replies end too.
    func close() async
}
