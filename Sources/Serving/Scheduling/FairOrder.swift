/// The rows of decoding sequences in one batch: always one of the client that has the fewest in it, by the weight of their
/// priority. So where there are rows for all, all get one; else clients get equally many, and take turns.
struct FairOrder {
    /// A sequence that could be served.
    struct Candidate {
        var id: SequenceID
        var client: ClientNumber
        var priority: SequencePriority
    }

    private var queues: [(rows: Double, waiting: ArraySlice<Candidate>)] = []
    private var last: Int?

    /// - Parameter candidates: whom it was longest ago that they were served first; of one client those with the highest
    ///   priority are served first.
    init(_ candidates: [Candidate]) {
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
            // Stable: of one priority those that waited longest stay first.
            queues[place].waiting =
                SequencePriority.allCases.reversed().flatMap { priority in
                    queues[place].waiting.filter { $0.priority == priority }
                }[...]
        }
    }

    /// The next to be served; `wasServed` says whether the one before got its row.
    mutating func next(wasServed: Bool) -> SequenceID? {
        if let last, let candidate = queues[last].waiting.popFirst(), wasServed {
            queues[last].rows += 1 / candidate.priority.weight
        }
        last = nil
        for place in queues.indices where !queues[place].waiting.isEmpty {
            if last.map({ queues[place].rows < queues[$0].rows }) ?? true { last = place }
        }
        return last.flatMap { queues[$0].waiting.first?.id }
    }
}
