import Foundation
import Wire

/// What a worker tells of itself with each heartbeat.
struct WorkerStatistics {
    private var batches: UInt64 = 0
    private var rows: UInt64 = 0
    private var busyMicroseconds: UInt64 = 0

    /// A new epoch begins.
    mutating func begin() {
        batches = 0
        rows = 0
        busyMicroseconds = 0
    }

    mutating func add(rows: Int, busyMicroseconds: UInt64) {
        batches += 1
        self.rows += UInt64(rows)
        self.busyMicroseconds += busyMicroseconds
    }

    func report(received: UInt64, sent: UInt64, dropped: UInt64, queued: Int) -> Statistics {
        Statistics(
            batches: batches, rows: rows, busyMicroseconds: busyMicroseconds, receivedSequence: received,
            sentSequence: sent, droppedMessages: dropped, residentBytes: Self.residentBytes(),
            queuedBatches: UInt32(queued))
    }

    /// Resident memory of this process, from the second field of /proc/self/statm; 0 where that cannot be read.
    private static func residentBytes() -> UInt64 {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8),
            let pages = text.split(separator: " ").dropFirst().first.flatMap({ UInt64($0) })
        else { return 0 }
        return pages * UInt64(sysconf(Int32(_SC_PAGESIZE)))
    }
}
