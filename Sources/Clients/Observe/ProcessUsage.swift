import Foundation

/// What the system knows of a running process.
package struct ProcessUsage: Sendable {
    /// Memory, pages of mapped files included; 0 where the process is gone.
    package let residentBytes: Int
    /// Of it, memory that belongs to no file.
    package let anonymousBytes: Int
    /// Processor time so far.
    package let processorSeconds: Double

    package init(processID: Int32) {
        let status = Self.text(processID, "status")
        residentBytes = Self.kilobytes("VmRSS:", status) << 10
        anonymousBytes = Self.kilobytes("RssAnon:", status) << 10
        // The second field, the name, may hold spaces; user and system time are the 12th and 13th after it.
        let fields = Self.text(processID, "stat").split(separator: ")").last?.split(separator: " ") ?? []
        let ticks = fields.dropFirst(11).prefix(2).compactMap { Double($0) }.reduce(0, +)
        processorSeconds = ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    private static func text(_ processID: Int32, _ name: String) -> String {
        (try? String(contentsOfFile: "/proc/\(processID)/\(name)", encoding: .utf8)) ?? ""
    }

    private static func kilobytes(_ name: String, _ status: String) -> Int {
        let line = status.split(separator: "\n").first { $0.hasPrefix(name) }
        return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0
    }
}
