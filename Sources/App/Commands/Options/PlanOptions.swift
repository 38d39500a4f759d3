import ArgumentParser
import Planning

/// What plans are made for.
struct PlanOptions: ParsableArguments {
    @Option(
        name: .long,
        help: .init(
            "What plans are made for: most tokens a second of all streams (throughput), or of one alone (latency).",
            valueName: "goal"))
    var optimize: PlanObjective = .throughput

    @Option(name: .long, help: .init("Streams at once that plans are made for.", valueName: "count"))
    var streams: Int = 64

    func validate() throws {
        guard (1...65_536).contains(streams) else { throw ValidationError("--streams must be between 1 and 65536") }
    }

    /// The options again, for a child process.
    var arguments: [String] { ["--optimize", optimize.rawValue, "--streams", "\(streams)"] }
}
