import Glibc

/// How many processors this process may keep busy.
public enum ProcessorCount {
    /// The processors that are online and in the affinity mask, at most the control group's quota of processor time
    /// rounded up; at least 1.
    public static func available() -> Int { available(readFile: readSmallFile) }

    /// As `available()`, with the files of the system as `readFile` gives them.
    package static func available(readFile: (_ path: String) -> String?) -> Int {
        let processors = allowed(readFile)
        return max(1, min(processors, Int(quota(readFile, atMost: Double(processors)).rounded(.up))))
    }

    /// Processors both in the affinity mask and online, as lists such as "0-3,8"; 1 where the system does not say.
    private static func allowed(_ readFile: (String) -> String?) -> Int {
        let name = "Cpus_allowed_list:"
        let status = (readFile("/proc/self/status") ?? "").split(separator: "\n")
        let mask = status.first { $0.hasPrefix(name) }.map { ranges($0.dropFirst(name.count)) } ?? []
        let online = ranges((readFile("/sys/devices/system/cpu/online") ?? "0")[...])
        return mask.reduce(0) { sum, range in sum + online.reduce(0) { $0 + range.clamped(to: $1).count } }
    }

    private static func ranges(_ list: Substring) -> [Range<Int>] {
        list.split(separator: ",").compactMap { item in
            let ends = item.split(separator: "-").map { Int(trimmed(String($0))) }
            guard let first = ends.first ?? nil, let last = ends.last ?? nil, first >= 0, last >= first, last < 1 << 20
            else { return nil }
            return first..<last + 1
        }
    }

    /// The least quota of the control groups this process is in, in processors.
    private static func quota(_ readFile: (String) -> String?, atMost processors: Double) -> Double {
        let groups = readFile("/proc/self/cgroup") ?? ""
        var limit = processors
        for line in groups.split(separator: "\n") {
            // hierarchy:controllers:path; version 2 has hierarchy 0 and names no controllers.
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let isVersion2 = fields[0] == "0" && fields[1].isEmpty
            guard isVersion2 || fields[1].split(separator: ",").contains("cpu") else { continue }
            let roots = isVersion2 ? ["/sys/fs/cgroup"] : ["/sys/fs/cgroup/cpu", "/sys/fs/cgroup/\(fields[1])"]
            for root in roots {
                for group in ancestors(fields[2]) {
                    let quota = isVersion2 ? quota2(root + group, readFile) : quota1(root + group, readFile)
                    if let quota { limit = min(limit, quota) }
                }
            }
        }
        return limit
    }

    /// "/a/b" gives "", "/a" and "/a/b": a quota holds for everything below it, and inside a container the path may not
    /// exist, only the root.
    private static func ancestors(_ path: Substring) -> [String] {
        path.split(separator: "/").reduce(into: [""]) { groups, name in
            groups.append(groups[groups.count - 1] + "/" + name)
        }
    }

    /// Version 2: cpu.max has "quota period" or "max period", in microseconds.
    private static func quota2(_ group: String, _ readFile: (String) -> String?) -> Double? {
        let fields = (readFile(group + "/cpu.max") ?? "").split(whereSeparator: \.isWhitespace)
        guard fields.count == 2 else { return nil }
        return quota(String(fields[0]), String(fields[1]))
    }

    /// Version 1 has a file for each; a quota of -1 is none.
    private static func quota1(_ group: String, _ readFile: (String) -> String?) -> Double? {
        guard let time = readFile(group + "/cpu.cfs_quota_us"), let period = readFile(group + "/cpu.cfs_period_us")
        else {
            return nil
        }
        return quota(time, period)
    }

    private static func quota(_ time: String, _ period: String) -> Double? {
        guard let time = Double(trimmed(time)), let period = Double(trimmed(period)), time > 0, period > 0 else {
            return nil
        }
        return time / period
    }

    private static func trimmed(_ text: String) -> String { text.filter { !$0.isWhitespace } }

    private static func readSmallFile(_ path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}
