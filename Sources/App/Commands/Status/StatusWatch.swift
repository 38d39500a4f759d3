import Client
import Console
import Foundation
import Messages
import Observe
import Reports
import Transport

/// `paceline status --watch`: asks again and again, until q or ^C, or until the coordinator goes.
struct StatusWatch {
    let coordinator: Endpoint
    let interval: Duration
    let json: Bool

    /// - Throws: `ClientError` where the coordinator is not there, or not any more.
    func run() async throws {
        let (quits, quit) = AsyncStream.makeStream(of: Void.self)
        let screen = json || !TextStyle.movesCursor ? nil : TerminalScreen { quit.finish() }
        defer { screen?.close() }
        try await withThrowingTaskGroup { group in
            group.addTask { try await show(on: screen) }
            group.addTask { for await _ in quits {} }
            // q ends the asking, and what ends the asking ends this.
            try await group.next()
            group.cancelAll()
        }
    }

    private func show(on screen: TerminalScreen?) async throws {
        let session = ClientSession(coordinator)
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
