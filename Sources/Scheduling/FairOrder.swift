/// Decoding sequences in the order in which they are served: always one of the client that has had least work, what it
/// gets on the way included; of one client's by its own order.
struct FairOrder {
    /// A sequence that could be served.
    struct Candidate {
        var id: SequenceID
        var client: ClientNumber
        var priority: SequencePriority
    }

    private var queues: [(work: Double, waiting: ArraySlice<Candidate>)] = []
    private var last: Int?

    /// - Parameter candidates: those of one client in the order in which it wants them served.
    init(_ candidates: [Candidate], _ shares: FairShares) {
        var places: [ClientNumber: Int] = [:]
        for candidate in candidates {
            if let place = places[candidate.client] {
                queues[place].waiting.append(candidate)
            } else {
                places[candidate.client] = queues.count
                queues.append((shares.work(of: candidate.client), [candidate]))
            }
        }
    }

    /// The next to be served; `rows` is what the one before got.
    mutating func next(rows: Int) -> SequenceID? {
        if let last, let served = queues[last].waiting.first {
            queues[last].work += Double(rows) / served.priority.weight
            queues[last].waiting.removeFirst()
        }
        last = queues.indices.filter { !queues[$0].waiting.isEmpty }.min { queues[$0].work < queues[$1].work }
        return last.flatMap { queues[$0].waiting.first?.id }
    }
}
