import Foundation
import Kernels

/// The machine that figures were measured on; as JSON with names in snake case.
package struct Machine: Encodable, Sendable {
    package let processor: String
    package let cores: Int
    package let instructionSet: String
    /// Bytes of the last-level cache; nil where the system does not say.
    package let lastLevelCache: Int?
    package let memory: Int
    package let kernel: String
    package let date: String

    package init() {
        processor = Self.field("model name", of: "/proc/cpuinfo") ?? "unknown"
        cores = ProcessorCount.available()
        instructionSet = Processor.instructionSet
        lastLevelCache = Self.lastLevelCacheBytes
        memory = Int(ProcessInfo.processInfo.physicalMemory)
        kernel = ProcessInfo.processInfo.operatingSystemVersionString
        date = Date().formatted(.iso8601)
    }

    private static var lastLevelCacheBytes: Int? {
        let sizes = (0..<8).compactMap { index -> Int? in
            let path = "/sys/devices/system/cpu/cpu0/cache/index\(index)/size"
            guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
            let size = text.trimmingCharacters(in: .whitespacesAndNewlines)
            return Int(size.dropLast()).map { $0 << (size.hasSuffix("M") ? 20 : 10) }
        }
        return sizes.max()
    }

    private static func field(_ name: String, of path: String) -> String? {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
        return line?.split(separator: ":").dropFirst().first?.trimmingCharacters(in: .whitespaces)
    }
}
