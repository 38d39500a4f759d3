import Messages
import Transport

extension ClusterChannel {
    /// Asks a coordinator for its status, once.
    package static func status(of endpoint: Endpoint) async throws -> Status {
        let channel = ClusterChannel(endpoint)
        channel.send(.statusRequest(requestID: 1))
        do {
            for try await case .status(let status) in channel.replies {
                await channel.close()
                return status
            }
        } catch {
            await channel.close()
            throw error
        }
        await channel.close()
        try Task.checkCancellation()
        throw ClientError.lostCoordinator(endpoint)
    }
}
