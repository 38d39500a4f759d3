import Foundation
import Kernels
import Synchronization
import Testing

@Suite("Thread team")
struct ThreadTeamTests {
    @Test("every part is done exactly once, in many jobs that follow each other", arguments: 1...5)
    func everyPart(threads: Int) throws {
        let team = try ThreadTeam(threadCount: threads)
        for job in 0..<300 {
            let parts = job % 23
            let counts = Mutex([Int](repeating: 0, count: parts))
            team.run(parts) { part in counts.withLock { $0[part] += 1 } }
            #expect(counts.withLock { $0 } == [Int](repeating: 1, count: parts))
        }
    }

    @Test("a thread that is held up leaves its parts to the others", arguments: 2...4)
    func help(threads: Int) throws {
        let team = try ThreadTeam(threadCount: threads)
        let (started, seen) = (Counter(), Counter())
        // The first part ends only when all of the others have begun, those of the same thread too.
        team.run(24) { part in
            started.value.add(1, ordering: .relaxed)
            guard part == 0 else { return }
            for _ in 0..<10_000_000 where started.value.load(ordering: .relaxed) < 24 { sched_yield() }
            seen.value.store(started.value.load(ordering: .relaxed), ordering: .relaxed)
        }
        #expect(seen.value.load(ordering: .relaxed) == 24)
    }

    @Test("items are cut into parts in order, each run's last no larger than its first, with nothing left out")
    func shrinkingParts() {
        for threads in 1...5 {
            for units in Array(1...70) + [399, 3_142] {
                for wanted in [1, 4, 16] {
                    let cut = ShrinkingParts(units: units, threadCount: threads, partsPerThread: wanted)
                    let parts = (0..<cut.count).map { cut[$0] }
                    #expect(parts.flatMap(Array.init) == Array(0..<units), "\(units) by \(threads) × \(wanted)")
                    let perRun = cut.count / min(threads, units)
                    for first in stride(from: 0, to: cut.count, by: perRun) {
                        #expect(parts[first + perRun - 1].count <= parts[first].count)
                    }
                }
            }
        }
    }

    @Test("threads that fell asleep take part again")
    func afterSleep() throws {
        let team = try ThreadTeam(threadCount: 4)
        let total = Atomic<Int>(0)
        for _ in 0..<5 {
            team.run(50) { total.add($0, ordering: .relaxed) }
            usleep(2_000)
        }
        #expect(total.load(ordering: .relaxed) == 5 * 50 * 49 / 2)
    }

    @Test("several callers take turns")
    func severalCallers() async throws {
        let team = try ThreadTeam(threadCount: 3)
        let total = Counter()
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<50 { team.run(7) { _ in total.value.add(1, ordering: .relaxed) } }
                }
            }
        }
        #expect(total.value.load(ordering: .relaxed) == 8 * 50 * 7)
    }

    @Test("a stopped team still does the work, on the caller's thread")
    func stopped() throws {
        let team = try ThreadTeam(threadCount: 3)
        team.stop()
        team.stop()
        let total = Atomic<Int>(0)
        team.run(10) { _ in total.add(1, ordering: .relaxed) }
        #expect(total.load(ordering: .relaxed) == 10)
    }

    @Test("teams come and go")
    func comeAndGo() throws {
        let parts = Counter()
        for _ in 0..<50 {
            try ThreadTeam(threadCount: 5).run(2) { _ in parts.value.add(1, ordering: .relaxed) }
        }
        #expect(parts.value.load(ordering: .relaxed) == 50 * 2)
    }

    @Test("a team of no thread is one of the caller's")
    func atLeastOne() throws {
        #expect(try ThreadTeam(threadCount: 0).threadCount == 1)
        #expect(try ThreadTeam(threadCount: -3).threadCount == 1)
    }
}

private final class Counter: Sendable {
    let value = Atomic<Int>(0)
}

@Suite("Number of processors")
struct ProcessorCountTests {
    private func available(_ files: [String: String]) -> Int {
        var all = [
            "/proc/self/status": "Name:\tx\nCpus_allowed_list:\t0-7,16-23\n",
            "/sys/devices/system/cpu/online": "0-19\n",
        ]
        all.merge(files) { $1 }
        return ProcessorCount.available { all[$0] }
    }

    @Test("are those that are both allowed and online")
    func affinity() {
        #expect(available([:]) == 12)
        #expect(available(["/proc/self/status": "Cpus_allowed_list:\t3\n"]) == 1)
        #expect(available(["/proc/self/status": "Cpus_allowed_list:\tx-,99-1,-,,\n"]) == 1)
        #expect(available(["/proc/self/status": ""]) == 1)
    }

    @Test("are limited by the least quota on the way to the root, rounded up")
    func version2() {
        let group = "0::/pod/container\n"
        let root = "/sys/fs/cgroup"
        #expect(available(["/proc/self/cgroup": group, root + "/pod/cpu.max": "250000 100000\n"]) == 3)
        #expect(
            available([
                "/proc/self/cgroup": group, root + "/pod/cpu.max": "250000 100000\n",
                root + "/pod/container/cpu.max": "50000 100000\n",
            ]) == 1)
        #expect(available(["/proc/self/cgroup": group, root + "/cpu.max": "400000 100000"]) == 4)
        #expect(available(["/proc/self/cgroup": group, root + "/pod/cpu.max": "max 100000"]) == 12)
        #expect(available(["/proc/self/cgroup": group, root + "/pod/cpu.max": "nonsense"]) == 12)
        #expect(available(["/proc/self/cgroup": group, root + "/pod/cpu.max": "100000 0"]) == 12)
    }

    @Test("are limited by the quota of version 1 too")
    func version1() {
        let group = "5:memory:/x\n3:cpu,cpuacct:/docker/a\n"
        for root in ["/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpu,cpuacct"] {
            let period = [root + "/docker/a/cpu.cfs_period_us": "100000\n", "/proc/self/cgroup": group]
            #expect(available(period.merging([root + "/docker/a/cpu.cfs_quota_us": "150000\n"]) { $1 }) == 2)
            #expect(available(period.merging([root + "/docker/a/cpu.cfs_quota_us": "-1\n"]) { $1 }) == 12)
        }
    }

    @Test("are at least one here")
    func here() { #expect(ProcessorCount.available() >= 1) }
}
