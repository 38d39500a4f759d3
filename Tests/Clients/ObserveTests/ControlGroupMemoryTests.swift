import Foundation
import Observe
import Testing

/// The memory limit of made-up control groups, as containers and services see them.
@Suite("The memory limit of control groups")
struct ControlGroupMemoryTests {
    /// Writes files into a directory and asks for the limit there.
    private func limit(_ files: [String: String]) throws -> Int? {
        let root = FileManager.default.temporaryDirectory.appending(path: "cgroup-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        for (path, text) in files {
            let file = root.appending(path: path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        return ControlGroupMemory.limit(root: root.path(percentEncoded: false))
    }

    private static let mount2 = "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n"

    @Test("version 2: the least of the group's own and of all above it counts")
    func version2() throws {
        let group = "/system.slice/paceline.service"
        var files = [
            "proc/self/cgroup": "0::\(group)\n",
            "proc/self/mountinfo": "22 1 8:1 / / rw - ext4 /dev/sda rw\n" + Self.mount2,
            "sys/fs/cgroup\(group)/memory.max": "max\n",
            "sys/fs/cgroup/system.slice/memory.max": "3000000\n",
        ]
        #expect(try limit(files) == 3_000_000)
        files["sys/fs/cgroup\(group)/memory.max"] = "2000000\n"
        #expect(try limit(files) == 2_000_000)
        files["sys/fs/cgroup/system.slice/memory.max"] = "1000000\n"
        #expect(try limit(files) == 1_000_000)
        // Another group's.
        files["sys/fs/cgroup/user.slice/memory.max"] = "5\n"
        #expect(try limit(files) == 1_000_000)
    }

    @Test("version 2 in a namespace: the group is the root of what is mounted")
    func namespace() throws {
        for path in ["/", "/../../other"] {
            let files = [
                "proc/self/cgroup": "0::\(path)\n", "proc/self/mountinfo": Self.mount2,
                "sys/fs/cgroup/memory.max": "4096\n",
            ]
            #expect(try limit(files) == 4_096)
        }
    }

    @Test("version 1: in a container the group itself is mounted, with other controllers and anywhere")
    func version1() throws {
        let files = [
            "proc/self/cgroup": "11:cpu,cpuacct:/docker/abc\n4:hugetlb,memory:/docker/abc/inner\n0::/\n",
            "proc/self/mountinfo": """
            40 23 0:30 /docker/abc /sys/fs/cgroup/cpu ro master:5 - cgroup cgroup rw,cpu,cpuacct
            41 23 0:31 /docker/abc /my\\040groups/memory ro master:6 shared:7 - cgroup cgroup rw,hugetlb,memory

            """,
            "my groups/memory/memory.limit_in_bytes": "700000\n",
            "my groups/memory/inner/memory.limit_in_bytes": "9223372036854771712\n",
            "sys/fs/cgroup/cpu/memory.limit_in_bytes": "1\n",
        ]
        #expect(try limit(files) == 700_000)
    }

    @Test("version 1 and 2 side by side: only the one that limits memory counts")
    func hybrid() throws {
        let files = [
            "proc/self/cgroup": "4:memory:/user.slice\n1:name=systemd:/user.slice/s\n0::/user.slice/s\n",
            "proc/self/mountinfo": """
            31 23 0:26 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
            41 23 0:31 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory

            """,
            "sys/fs/cgroup/memory/user.slice/memory.limit_in_bytes": "800000\n",
        ]
        #expect(try limit(files) == 800_000)
    }

    @Test("without limits, or without anything readable, there is none")
    func none() throws {
        #expect(try limit([:]) == nil)
        let files = [
            "proc/self/cgroup": "rubbish\n0::/a\n", "proc/self/mountinfo": "x - y\n\n" + Self.mount2,
            "sys/fs/cgroup/a/memory.max": "max\n",
        ]
        #expect(try limit(files) == nil)
    }
}
