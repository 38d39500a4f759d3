import ArgumentParser
import Kernels

/// Several positive numbers in one argument, such as 1,8,16.
struct NumberList: ExpressibleByArgument {
    let values: [Int]

    init(_ values: [Int]) { self.values = values }

    init?(argument: String) {
        let numbers = argument.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
        let values = numbers.compactMap { $0 }
        guard values.count == numbers.count, values.allSatisfy({ (1...65_536).contains($0) }) else { return nil }
        self.values = values
    }

    var defaultValueDescription: String { values.map(String.init).joined(separator: ",") }
}

/// A length, or the least and the greatest of several, such as 5-900.
struct LengthRange: ExpressibleByArgument {
    let values: ClosedRange<Int>

    init?(argument: String) {
        let parts = argument.split(separator: "-", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { Int($0) }
        guard (1...2).contains(parts.count), numbers.count == parts.count, let first = numbers.first,
            let last = numbers.last, first >= 1, last <= 65_536, first <= last
        else { return nil }
        values = first...last
    }
}

/// What all measurements share.
struct BenchOptions: ParsableArguments {
    @Option(
        name: .long,
        help: .init(
            "Numbers of threads, for example 1,2. (default: the cores this process may use)", valueName: "counts"))
    var threads: NumberList?

    @Option(
        name: .customLong("repeat"),
        help: .init("Runs of each measurement, of which the median counts. (default: 5)", valueName: "count"))
    var repetitions: Int?

    @Flag(name: .long, help: "Small buffers and short runs, to see that it works; the figures mean nothing.")
    var quick = false

    @Flag(name: .long, help: "One JSON object.")
    var json = false

    func validate() throws {
        if quick && repetitions != nil { throw ValidationError("--quick runs once: leave --repeat out") }
        guard (1...1_000).contains(repetitions ?? 1) else {
            throw ValidationError("--repeat must be between 1 and 1000")
        }
        for count in threads?.values ?? [] { try validateThreads(count) }
    }

    var threadCounts: [Int] { threads?.values ?? [ProcessorCount.available()] }
    var runs: Int { quick ? 1 : repetitions ?? 5 }
}
