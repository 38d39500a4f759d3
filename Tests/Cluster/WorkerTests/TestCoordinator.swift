import Logging
import Testing
import Transport
import Worker

/// A coordinator of a test's own making, which says where it takes workers.
protocol TestCoordinator: SocketHandler {
    var control: Endpoint { get }
}

/// Runs a worker with one thread and the demo model, and the coordinator it dials, while `body` lasts.
func withWorker<Coordinator: TestCoordinator, Result: Sendable>(
    of loop: SocketLoop<Coordinator>, _ makeCoordinator: @escaping @Sendable (any Sockets) throws -> Coordinator,
    configure: (inout WorkerConfiguration) -> Void = { _ in }, during body: () async throws -> Result
) async throws -> Result {
    let (endpoints, continuation) = AsyncStream.makeStream(of: Endpoint.self)
    let running = Task {
        try await loop.run { sockets in
            let coordinator = try makeCoordinator(sockets)
            continuation.yield(coordinator.control)
            return coordinator
        }
    }
    var iterator = endpoints.makeAsyncIterator()
    let control = try #require(await iterator.next())
    var configuration = WorkerConfiguration(
        coordinator: control, bind: try Endpoint("tcp://127.0.0.1:0"), name: "one", machine: .test, software: "test")
    configuration.advertisedHost = "127.0.0.1"
    configure(&configuration)
    var logger = Logger(label: "test")
    logger.logLevel = .error
    let worker = Worker(
        configuration: configuration, model: try Models.model(), bindPolicy: .loopbackOnly, logger: logger)
    let working = Task { try await worker.run() }
    let result: Swift.Result<Result, any Error>
    do {
        result = .success(try await body())
    } catch {
        result = .failure(error)
    }
    worker.stop()
    loop.stop()
    _ = try await (working.value, running.value)
    return try result.get()
}

extension WorkerMachine {
    static let test = WorkerMachine(hostID: "here", memoryBytes: 1 << 30, threads: 1)
}
