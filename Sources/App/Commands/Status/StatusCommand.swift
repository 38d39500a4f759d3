import ArgumentParser
import Client
import Console
import Foundation
import Messages
import Reports
import Sessions
import Transport

/// `paceline status`
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Shows a cluster's workers, their layers, memory and speed, and its requests.",
        discussion: """
            Example:
              paceline status
              paceline status --wait 60 --ready      (exit code 0 once the cluster is ready, within 60 seconds)
              paceline status --watch        (again and again, with what each stage does; q ends it)
            """)

    @OptionGroup var connection: ConnectionOptions

    @Option(
        name: .long,
        help: .init(
            "Wait so many seconds at most until the cluster is ready; exit code 1 if it is not then.",
            valueName: "count"))
    var wait: Int?

    @Flag(name: .long, help: "Exit code 0 only where the cluster is ready, else 1; 69 where no coordinator is there.")
    var ready = false

    @Flag(name: .long, help: "All columns; without, as many as fit 80 characters.")
    var wide = false

    @Flag(name: .long, help: "Show what each stage and request does, anew every second, until q or ^C.")
    var watch = false

    @Option(
        name: .long, help: .init("With --watch: seconds from one table to the next. (default: 1)", valueName: "seconds")
    )
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
        for (name, isGiven) in [("--wait", wait != nil), ("--ready", ready), ("--wide", wide)] where watch && isGiven {
            throw ValidationError("--watch and \(name) do not go together")
        }
        if wide && json { throw ValidationError("--wide is of the table; --json has everything: leave one out") }
    }

    func run() async throws {
        let coordinator = try connection.coordinator
        if watch {
            let watch = StatusWatch(
                coordinator: coordinator, interval: .seconds(interval ?? 1), json: json)
            return try await cancelledByInterrupt { try await watch.run() }
        }
        let status =
            if let wait {
                try await poll(coordinator, seconds: wait)
            } else { try await ClientSession.status(of: coordinator) }
        if json {
            try JSONLine.write(StatusLine(status))
        } else {
            try StandardOutput.write(StatusTable(status, isWide: wide).text)
        }
        if (ready || wait != nil) && !status.ready {
            throw RequestError("not ready\(wait.map { " after \($0) s" } ?? ""): \(status.state)")
        }
    }

    /// Asks again and again, also while no coordinator is there yet.
    private func poll(_ coordinator: Endpoint, seconds: Int) async throws -> Status {
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(seconds)
        while true {
            do {
                let status = try await ClientSession.status(of: coordinator)
                if status.ready || clock.now >= deadline { return status }
            } catch let error as ClientError {
                if clock.now >= deadline { throw error }
            }
            try await clock.sleep(for: .milliseconds(200))
        }
    }
}
