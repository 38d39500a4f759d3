import Foundation

/// The memory limit of the control groups that this process is in, of version 1 or 2, wherever they are mounted.
package enum ControlGroupMemory {
    /// The least limit of the process's group and of those above it that can be seen, in bytes; nil: there is none.
    /// - Parameter root: put before every path.
    package static func limit(root: String = "") -> Int? {
        let groups = lines(root + "/proc/self/cgroup").compactMap(Group.init)
        let mounts = lines(root + "/proc/self/mountinfo").compactMap(Mount.init)
        let limits = mounts.flatMap { mount in
            groups.filter { $0.isVersion2 == mount.isVersion2 }.flatMap { group in
                mount.directories(of: group).compactMap { directory in
                    // Version 2 says "max" where there is none.
                    lines(root + directory + "/" + mount.limitFile).first.flatMap { Int($0) }
                }
            }
        }
        return limits.min()
    }

    private static func lines(_ path: String) -> [Substring] {
        ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "").split(separator: "\n")
    }
}

/// A line of /proc/self/cgroup: the process's group in the hierarchy that limits memory.
private struct Group {
    let isVersion2: Bool
    let path: String

    /// nil for a hierarchy of version 1 that limits something else.
    init?(_ line: Substring) {
        let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard fields.count == 3 else { return nil }
        isVersion2 = fields[0] == "0" && fields[1].isEmpty
        guard isVersion2 || fields[1].split(separator: ",").contains("memory") else { return nil }
        path = String(fields[2])
    }
}

/// A line of /proc/self/mountinfo: where a hierarchy that limits memory can be seen.
private struct Mount {
    let isVersion2: Bool
    /// The group that is mounted.
    private let top: String
    private let directory: String

    /// nil for other mounts.
    init?(_ line: Substring) {
        let fields = line.split(separator: " ")
        guard let dash = fields.firstIndex(of: "-"), dash >= 6, fields.count >= dash + 4 else { return nil }
        switch fields[dash + 1] {
        case "cgroup2": isVersion2 = true
        case "cgroup" where fields[dash + 3].split(separator: ",").contains("memory"): isVersion2 = false
        default: return nil
        }
        (top, directory) = (Self.unescaped(fields[3]), Self.unescaped(fields[4]))
    }

    var limitFile: String { isVersion2 ? "memory.max" : "memory.limit_in_bytes" }

    /// The directories of a group and of those above it, as far as they are mounted.
    func directories(of group: Group) -> [String] {
        // Seen from a namespace of control groups, or from a container, the group may lie beyond what is mounted.
        let parts = group.path.split(separator: "/")
        let topParts = top.split(separator: "/")
        let below = parts.starts(with: topParts) && !parts.contains("..") ? parts.dropFirst(topParts.count) : []
        return (0...below.count).map { count in
            ([directory == "/" ? "" : directory] + below.prefix(count).map(String.init)).joined(separator: "/")
        }
    }

    /// Spaces and the like are written as three octal digits.
    private static func unescaped(_ field: Substring) -> String {
        let parts = field.split(separator: "\\", omittingEmptySubsequences: false)
        return parts.dropFirst().reduce(String(parts.first ?? "")) { text, part in
            guard let code = UInt8(part.prefix(3), radix: 8) else { return text + "\\" + part }
            return text + String(UnicodeScalar(code)) + part.dropFirst(3)
        }
    }
}
