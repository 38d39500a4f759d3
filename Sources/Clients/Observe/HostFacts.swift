import Foundation

/// What the system says of the machine that this process is on.
package enum HostFacts {
    /// Host name and process id: a worker's name where it was given none.
    package static var defaultName: String { "\(ProcessInfo.processInfo.hostName)-\(getpid())" }

    /// The kernel's boot id: equal for all processes, also in containers, that share memory and cores.
    package static var hostID: String {
        line("/proc/sys/kernel/random/boot_id") ?? ProcessInfo.processInfo.hostName
    }

    /// Bytes of memory this process may use: what is available, or the least limit of its control groups where that is less.
    package static var memoryBytes: Int {
        var bytes = Int(ProcessInfo.processInfo.physicalMemory)
        if let available = line("/proc/meminfo", prefix: "MemAvailable:"),
            let kilobytes = available.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
        {
            bytes = min(bytes, kilobytes << 10)
        }
        return min(bytes, ControlGroupMemory.limit() ?? .max)
    }

    /// The file's first line, or its first that starts so.
    private static func line(_ path: String, prefix: String = "") -> String? {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        return text.split(separator: "\n").first { $0.hasPrefix(prefix) }.map { String($0) }
    }
}
