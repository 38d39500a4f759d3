import ArgumentParser
import Client
import Console
import Foundation
import Messages
import Sessions

/// `paceline status`
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Shows a cluster's workers, their layers, memory and speed, and its requests.",
        discussion: """
            Example:
              paceline status
              paceline status --wait 60      (until the cluster is ready, 60 seconds at most)
              paceline status --watch        (again and again, with what each stage does; ^C ends it)
            """)

    @OptionGroup var connection: ConnectionOptions

    @Option(
        name: .long, help: "Wait so many seconds at most until the cluster is ready; exit code 1 if it is not then.")
    var wait: Int?

    @Flag(name: .long, help: "Show what each stage and request does, anew every second, until ^C.")
    var watch = false

    @Option(name: .long, help: "With --watch: seconds from one table to the next. (default: 1)")
    var interval: Double?

    @Flag(name: .long, help: "One JSON object; with --watch, one a line.")
    var json = false

    func validate() throws {
        if let wait, !(1...86_400).contains(wait) {
            throw ValidationError("--wait must be between 1 and 86400 seconds")
        }
        if interval != nil && !watch { throw ValidationError("--interval goes with --watch") }
        if let interval, !(0.1...3_600).contains(interval) {
            throw ValidationError("--interval must be between 0.1 and 3600 seconds")
        }
        if watch && wait != nil { throw ValidationError("--watch and --wait do not go together") }
    }

    func run() async throws {
        if watch {
            let watch = StatusWatch(
                coordinator: connection.coordinator, interval: .seconds(interval ?? 1), json: json)
            return try await cancelledByInterrupt { try await watch.run() }
        }
        let status = if let wait { try await poll(seconds: wait) } else { try await ask() }
        if json { try JSONLine.write(StatusLine(status)) } else { StandardOutput.write(StatusTable(status).text) }
        if wait != nil && !status.ready {
            throw RequestError("not ready after \(wait ?? 0) s: \(status.state)")
        }
    }

    private func ask() async throws -> Status { try await ClientSession.status(of: connection.coordinator) }

    /// Asks again and again, also while no coordinator is there yet.
    private func poll(seconds: Int) async throws -> Status {
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(seconds)
        while true {
            do {
                let status = try await ask()
                if status.ready || clock.now >= deadline { return status }
            } catch let error as ClientError {
                if clock.now >= deadline { throw error }
            }
            try await clock.sleep(for: .milliseconds(200))
        }
    }
}
