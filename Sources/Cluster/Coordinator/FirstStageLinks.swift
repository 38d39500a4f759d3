import Messages
import Transport

/// The coordinator's ends of the links to the first stages, one for each pipeline of the live plan.
struct FirstStageLinks {
    private var links: [FirstStageLink] = []

    /// Pipelines whose link takes a batch at once.
    var free: [Int] { links.indices.filter { links[$0].isFree } }

    /// Dials the first stage of each pipeline.
    /// - Throws: ``PipelineUnreachable`` for the first that cannot be dialled; those before it stay open until ``close(_:)``.
    mutating func open(
        _ plan: Plan, _ endpoints: [String], incarnation: UInt64, on sockets: any Sockets
    ) throws(PipelineUnreachable) {
        for (pipeline, endpoint) in zip(plan.pipelines, endpoints) {
            do throws(TransportError) {
                let socket = try sockets.connectPush(try Endpoint(endpoint))
                links.append(FirstStageLink(socket: socket, incarnation: incarnation, epoch: plan.epoch))
            } catch {
                throw PipelineUnreachable(firstWorker: pipeline.workers[0], reason: error)
            }
        }
    }

    mutating func close(_ sockets: any Sockets) {
        for link in links { sockets.close(link.socket) }
        links = []
    }

    /// Sends a batch, or keeps it until the link is writable; returns its number on the link.
    mutating func send(_ batch: Batch, pipeline: Int, on sockets: any Sockets) -> UInt64 {
        links[pipeline].send(batch, on: sockets)
    }

    /// Tells the pipeline's first stage that a batch follows, where its link takes that at once.
    func announce(pipeline: Int, on sockets: any Sockets) {
        if links.indices.contains(pipeline) { links[pipeline].announce(on: sockets) }
    }

    /// A socket takes messages again; returns whether it is one of these links'.
    mutating func writable(_ socket: SocketID, on sockets: any Sockets) -> Bool {
        guard let index = links.firstIndex(where: { $0.socket == socket }) else { return false }
        links[index].retry(sockets)
        return true
    }
}

/// A pipeline's first stage cannot be dialled.
struct PipelineUnreachable: Error {
    let firstWorker: WorkerID
    let reason: TransportError
}
