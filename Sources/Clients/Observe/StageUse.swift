import Messages

/// What a stage did with its time while a trace was recorded: it computed, or waited although batches were under way in
/// its pipeline (a bubble), or there was nothing to do.
package struct StageUse: Equatable {
    package var batches = 0
    package var rows = 0
    package var busyMicroseconds: UInt64 = 0
    package var bubbleMicroseconds: UInt64 = 0
    package var bubbles = 0
    package var longestBubbleMicroseconds: UInt64 = 0
    package var queuedMicroseconds: UInt64 = 0
    /// All of the recording.
    package var totalMicroseconds: UInt64 = 0

    /// Shorter pauses are the way from one batch to the next, and no bubbles.
    private static let leastBubble: UInt64 = 50

    package init(of stage: UInt32, in pipeline: RecordedTrace.Pipeline, of trace: RecordedTrace) {
        let window = (trace.begin ?? 0)..<max(trace.begin ?? 0, trace.end)
        totalMicroseconds = UInt64(window.count)
        let slices = trace.slices(of: stage, in: pipeline)
        batches = slices.count
        rows = slices.reduce(0) { $0 + Int($1.timing.rows ?? $1.record.rows) }
        queuedMicroseconds = slices.reduce(0) { $0 + $1.queuedMicroseconds }
        busyMicroseconds = slices.reduce(0) { $0 + UInt64(($1.start..<$1.end).clamped(to: window).count) }
        var rest = slices[...]
        for interval in Self.intervalsInFlight(trace.records(of: pipeline)) {
            var free = interval.lowerBound
            while let slice = rest.first, slice.start < interval.upperBound {
                addBubble(free, slice.start, within: window)
                free = max(free, slice.end)
                rest.removeFirst()
            }
            addBubble(free, interval.upperBound, within: window)
        }
    }

    private mutating func addBubble(_ start: UInt64, _ end: UInt64, within window: Range<UInt64>) {
        let length = UInt64((start..<max(start, end)).clamped(to: window).count)
        bubbleMicroseconds += length
        guard length >= Self.leastBubble else { return }
        bubbles += 1
        longestBubbleMicroseconds = max(longestBubbleMicroseconds, length)
    }

    /// When batches were under way, in order and without overlaps.
    private static func intervalsInFlight(_ records: [TraceRecord]) -> [Range<UInt64>] {
        var intervals: [Range<UInt64>] = []
        for record in records.sorted(by: { $0.sentMicroseconds < $1.sentMicroseconds }) {
            let interval = record.sentMicroseconds..<max(record.sentMicroseconds, record.receivedMicroseconds)
            if let last = intervals.last, interval.lowerBound <= last.upperBound {
                intervals[intervals.count - 1] = last.lowerBound..<max(last.upperBound, interval.upperBound)
            } else {
                intervals.append(interval)
            }
        }
        return intervals
    }
}
