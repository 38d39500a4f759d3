/// The order in which decoding sequences get the rows of a batch. The next row always goes to the client that has the
/// fewest in the batch, divided by the weight of their priority. So if there are rows for all, every sequence gets one;
/// otherwise clients get equally many.
struct FairOrder {
    private var queues: [(rows: Double, waiting: ArraySlice<SequenceState>)] = []
    private var last: Int?

    /// - Parameter candidates: the one that was served longest ago first. Of one client, those with the highest priority
    ///   are served before the others.
    init(_ candidates: [SequenceState]) {
        var places: [ClientNumber: Int] = [:]
        for candidate in candidates {
            if let place = places[candidate.client] {
                queues[place].waiting.append(candidate)
            } else {
                places[candidate.client] = queues.count
                queues.append((0, [candidate]))
            }
        }
        for place in queues.indices where Set(queues[place].waiting.map(\.priority)).count > 1 {
            // Stable: sequences of one priority keep their order.
            queues[place].waiting =
                SequencePriority.allCases.reversed().flatMap { priority in
                    queues[place].waiting.filter { $0.priority == priority }
                }[...]
        }
    }

    /// The next to be served. `wasServed` says whether the one before got its row.
    mutating func next(wasServed: Bool) -> SequenceState? {
        if let last, let candidate = queues[last].waiting.popFirst(), wasServed {
            queues[last].rows += 1 / candidate.priority.weight
        }
        last = nil
        for place in queues.indices where !queues[place].waiting.isEmpty {
            if last.map({ queues[place].rows < queues[$0].rows }) ?? true { last = place }
        }
        return last.flatMap { queues[$0].waiting.first }
    }
}
