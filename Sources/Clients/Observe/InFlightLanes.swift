import Messages

/// Batches in flight in as few rows as there are at once, so that none of a row overlap.
package struct InFlightLanes {
    package private(set) var lanes: [[TraceRecord]] = []

    package init(_ records: [TraceRecord]) {
        for record in records.sorted(by: { $0.sentMicroseconds < $1.sentMicroseconds }) {
            let free = lanes.firstIndex { ($0.last?.receivedMicroseconds ?? 0) <= record.sentMicroseconds }
            if let free { lanes[free].append(record) } else { lanes.append([record]) }
        }
        if lanes.isEmpty { lanes = [[]] }
    }
}
