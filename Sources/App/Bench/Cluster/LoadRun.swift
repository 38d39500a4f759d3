import Client
import Foundation
import Messages
import Observe
import Transport

/// Many clients, each with a connection of its own, on which it sends one request after another.
struct LoadRun: Sendable {
    /// Prompts that run alone before, for the ideal, and tokens of their answers.
    private static let promptsAlone = 3
    private static let tokensAlone = 8
    /// Between the first requests of two clients, so that the order in which they come is that in which they are sent.
    private static let stagger = Duration.milliseconds(10)
    private static let pauseAfterFailure = Duration.seconds(1)
    /// For what still runs when the time is over; what is not answered then has failed.
    private static let patience = Duration.seconds(600)
    /// Looks at the clock.
    private static let steps = 100

    let endpoint: Endpoint
    let clients: Int
    let seconds: Int
    let requests: BenchRequests

    /// - Parameters:
    ///   - processes: those whose memory is looked at.
    ///   - progress: told how many of how many steps are done.
    /// - Throws: ``RequestError`` where a prompt alone fails, `ClientError`. Failures under load are in the report.
    func run(
        processes: [(name: String, id: Int32)], progress: @escaping @Sendable (Int, Int) -> Void
    ) async throws -> LoadReport {
        let ideal = FirstTokenIdeal(alone: try await runAlone())
        let start = ContinuousClock.now
        async let memory = sampleMemory(processes, since: start, progress: progress)
        let byClient = await runClients(since: start)
        let samples = await memory
        try Task.checkCancellation()
        return LoadReport(byClient: byClient, seconds: seconds, ideal: ideal, memory: samples)
    }

    /// The longest prompts, one after another.
    private func runAlone() async throws -> [MeasuredRequest] {
        var random = RandomRequests(seed: requests.seed)
        let session = ClientSession(endpoint)
        do {
            var measured: [MeasuredRequest] = []
            for _ in 0..<Self.promptsAlone {
                let message = random.next(
                    prompt: requests.prompt.upperBound, decode: min(Self.tokensAlone, requests.decode.upperBound))
                measured += try await StreamRun().run([message], on: session)
            }
            await session.close()
            return measured
        } catch {
            await session.close()
            throw error
        }
    }

    private func runClients(since start: ContinuousClock.Instant) async -> [[MeasuredRequest]] {
        await withTaskGroup(of: [MeasuredRequest]?.self) { group in
            for number in 1...clients {
                group.addTask { await runClient(number, since: start) }
            }
            group.addTask {
                try? await Task.sleep(until: start + .seconds(seconds) + Self.patience)
                return nil
            }
            var byClient: [[MeasuredRequest]] = []
            for await requests in group {
                if let requests { byClient.append(requests) }
                // The time for all is over, or nobody needs it.
                if requests == nil || byClient.count == clients { group.cancelAll() }
            }
            return byClient
        }
    }

    private func runClient(_ number: Int, since start: ContinuousClock.Instant) async -> [MeasuredRequest] {
        var random = RandomRequests(seed: requests.seed &+ UInt64(number))
        var measured: [MeasuredRequest] = []
        let session = ClientSession(endpoint)
        try? await Task.sleep(until: start + Self.stagger * number)
        while start.duration(to: .now) < .seconds(seconds), !Task.isCancelled {
            let message = random.next(prompt: requests.prompt, decode: requests.decode)
            let sent = start.duration(to: .now) / .seconds(1)
            do {
                measured += try await StreamRun(since: start).run([message], on: session)
            } catch {
                measured.append(Self.failed(message, sent: sent, error))
                try? await Task.sleep(for: Self.pauseAfterFailure)
            }
        }
        await session.close()
        return measured
    }

    private static func failed(_ message: Generate, sent: Double, _ error: any Error) -> MeasuredRequest {
        var length = 0
        if case .tokens(let prompt) = message.prompt.content { length = prompt.count }
        var request = MeasuredRequest(promptTokens: length, sent: sent)
        request.ended = sent
        request.failure = error is CancellationError ? "not answered within \(patience) of the end" : "\(error)"
        return request
    }

    private func sampleMemory(
        _ processes: [(name: String, id: Int32)], since start: ContinuousClock.Instant,
        progress: @Sendable (Int, Int) -> Void
    ) async -> [LoadReport.Memory] {
        var memory = processes.map { LoadReport.Memory(process: $0.name) }
        let marks = LoadReport.memoryShares.map { Int($0 * Double(Self.steps)) }
        for step in 1...Self.steps {
            let time = Duration.seconds(seconds) * step / Self.steps
            guard (try? await Task.sleep(until: start + time)) != nil else { break }
            progress(step, Self.steps)
            guard marks.contains(step) else { continue }
            for (place, process) in processes.enumerated() {
                let usage = ProcessUsage(processID: process.id)
                memory[place].resident.append(usage.residentBytes)
                memory[place].anonymous.append(usage.anonymousBytes)
            }
        }
        return memory
    }
}
