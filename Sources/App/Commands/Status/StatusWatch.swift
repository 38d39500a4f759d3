import Client
import Console
import Foundation
import Messages
import Observe
import Transport

/// `paceline status --watch`: asks again and again, until ^C or until the coordinator goes.
struct StatusWatch {
    let coordinator: Endpoint
    let interval: Duration
    let json: Bool

    /// - Throws: `ClientError` where the coordinator is not there, or not any more.
    func run() async throws {
        let session = ClientSession(coordinator)
        let screen = json || !StandardOutput.isTerminal ? nil : TerminalScreen()
        defer { screen?.close() }
        let clock = ContinuousClock()
        var rates = StatusRates()
        var isFirst = true
        do {
            while true {
                let next = clock.now + interval
                let status = try await session.status()
                rates.update(status)
                try show(status, rates, on: screen, isFirst: isFirst)
                isFirst = false
                try await clock.sleep(until: next)
            }
        } catch is CancellationError {
            await session.close()
        }
    }

    private func show(_ status: Status, _ rates: StatusRates, on screen: TerminalScreen?, isFirst: Bool) throws {
        let shown = StatusScreen(status, rates)
        if json {
            try JSONLine.write(WatchLine(status, rates))
        } else if let screen {
            try screen.show(shown.lines)
        } else {
            try StandardOutput.write((isFirst ? "" : "\n") + shown.text)
        }
    }
}

/// A status with its rates, as JSON.
struct WatchLine: Encodable {
    struct Stage: Encodable {
        let worker: String
        let pipeline: UInt32
        let stage: UInt32
        let busy: Double
        let waiting: Double?
        let queuedBatches: UInt32?
        let millisecondsPerBatch: Double?
        let tokensPerSecond: Double
        let sentBytesPerSecond: Double?
        let receivedBytesPerSecond: Double?
    }

    let status: StatusLine
    let tokensPerSecond: Double?
    let stages: [Stage]

    init(_ status: Status, _ rates: StatusRates) {
        self.status = StatusLine(status)
        tokensPerSecond = rates.tokensPerSecond
        stages = status.workers.compactMap { worker in
            guard let stage = worker.stage, let rates = rates.stage(of: worker) else { return nil }
            return Stage(
                worker: worker.name, pipeline: worker.pipeline ?? 0, stage: stage, busy: rates.busy,
                waiting: rates.waiting, queuedBatches: worker.statistics?.queuedBatches,
                millisecondsPerBatch: rates.millisecondsPerBatch, tokensPerSecond: rates.tokensPerSecond,
                sentBytesPerSecond: rates.sentBytesPerSecond, receivedBytesPerSecond: rates.receivedBytesPerSecond)
        }
    }
}
