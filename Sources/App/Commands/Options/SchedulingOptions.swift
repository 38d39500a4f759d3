import ArgumentParser
import Scheduling

/// How a coordinator shares its workers out.
struct SchedulingOptions: ParsableArguments {
    @Option(
        name: .long,
        help: .init(
            """
            What a batch shall take the slowest machine, in milliseconds, and what somebody's prompt may add to the time \
            between two tokens of a stream. More is quicker with long prompts, less is smoother.
            """, valueName: "milliseconds"))
    var stepMs: Int = 250

    func validate() throws {
        guard (1...60_000).contains(stepMs) else { throw ValidationError("--step-ms must be between 1 and 60000") }
    }

    var limits: SchedulerLimits { SchedulerLimits(stepMilliseconds: Double(stepMs)) }

    /// The same, for a child process.
    var arguments: [String] { ["--step-ms", "\(stepMs)"] }
}
