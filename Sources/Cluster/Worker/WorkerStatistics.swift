import Foundation
import Messages

/// The statistics that a worker reports with each heartbeat. Times are microseconds of the worker's clock.
package struct WorkerStatistics {
    private var batches: UInt64 = 0
    private var rows: UInt64 = 0
    private var busyMicroseconds: UInt64 = 0
    private var waitingMicroseconds: UInt64 = 0
    private var receivedBytes: UInt64 = 0
    // Batches that have arrived and are not finished.
    private var unfinished = 0
    // Since when there is nothing to compute; nil before the layers are loaded.
    private var idleSince: UInt64?

    package init() {}

    /// The layers are loaded: from now on the stage waits for batches.
    package mutating func loaded(now: UInt64) { idleSince = now }

    /// A batch of this many bytes has arrived.
    package mutating func received(bytes: Int, now: UInt64) {
        if unfinished == 0 { waitingMicroseconds += waited(until: now) }
        unfinished += 1
        receivedBytes += UInt64(bytes)
    }

    /// The oldest batch is finished.
    package mutating func finished(_ timing: StageTiming) {
        batches += 1
        rows += UInt64(timing.rows ?? 0)
        busyMicroseconds += timing.endedMicroseconds - timing.startedMicroseconds
        unfinished -= 1
        idleSince = timing.endedMicroseconds
    }

    /// - Parameters:
    ///   - received: number of the last message on the link to this stage.
    ///   - sent: the same for the link from it.
    package func report(
        received: UInt64, sent: UInt64, sentBytes: UInt64, dropped: UInt64, queued: Int, now: UInt64
    ) -> Statistics {
        Statistics {
            $0.batches = batches
            $0.rows = rows
            $0.busyMicroseconds = busyMicroseconds
            $0.receivedSequence = received
            $0.sentSequence = sent
            $0.droppedMessages = dropped
            $0.residentBytes = Self.residentBytes()
            $0.queuedBatches = UInt32(queued)
            $0.waitingMicroseconds = waitingMicroseconds + (unfinished == 0 ? waited(until: now) : 0)
            $0.sentBytes = sentBytes
            $0.receivedBytes = receivedBytes
        }
    }

    private func waited(until now: UInt64) -> UInt64 { now - min(idleSince ?? now, now) }

    /// Resident memory of this process, from the second field of /proc/self/statm; 0 where that cannot be read.
    private static func residentBytes() -> UInt64 {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8),
            let pages = text.split(separator: " ").dropFirst().first.flatMap({ UInt64($0) })
        else { return 0 }
        return pages * UInt64(sysconf(Int32(_SC_PAGESIZE)))
    }
}
