import Client
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
        let channel = ClusterChannel(coordinator)
        let interrupts = InterruptWatch { Task { await channel.close() } }
        let asking = Task { [interval] in
            while !Task.isCancelled {
                channel.send(.statusRequest(requestID: 1))
                try await Task.sleep(for: interval)
            }
        }
        let screen = json || !StandardOutput.isTerminal ? nil : TerminalScreen()
        defer {
            asking.cancel()
            interrupts.end()
            screen?.close()
        }
        var rates = StatusRates()
        var isFirst = true
        // The replies end without an error where ^C closed the channel.
        for try await case .status(let status) in channel.replies {
            rates.update(status)
            let shown = StatusScreen(status, rates)
            if json {
                try JSONLine.write(WatchLine(status, rates))
            } else if let screen {
                screen.draw(shown.lines)
            } else {
                StandardOutput.write((isFirst ? "" : "\n") + shown.text)
            }
            isFirst = false
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
