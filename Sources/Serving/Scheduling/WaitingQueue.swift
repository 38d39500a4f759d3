import OrderedCollections

/// Sequences that wait for blocks: for each client a queue, those with the highest priority first and of these the oldest.
struct WaitingQueue: Sendable {
    private struct Entry: Comparable {
        var id: SequenceID
        var priority: SequencePriority
        var arrival: UInt64

        static func < (left: Entry, right: Entry) -> Bool {
            (right.priority, left.arrival) < (left.priority, right.arrival)
        }
    }

    private var queues: OrderedDictionary<ClientNumber, [Entry]> = [:]
    private(set) var count = 0

    /// Takes a sequence in: a new one, or one that gave its blocks up and is older than others here.
    mutating func insert(_ sequence: LiveSequence) {
        let entry = Entry(id: sequence.id, priority: sequence.request.priority, arrival: sequence.arrival)
        var queue = queues[sequence.request.client] ?? []
        let place = queue.lastIndex { $0 < entry }.map { $0 + 1 } ?? 0
        queue.insert(entry, at: place)
        queues[sequence.request.client] = queue
        count += 1
    }

    mutating func remove(_ id: SequenceID, of client: ClientNumber) {
        guard var queue = queues[client], let place = queue.firstIndex(where: { $0.id == id }) else { return }
        queue.remove(at: place)
        queues[client] = queue.isEmpty ? nil : queue
        count -= 1
    }

    /// Of the clients' first sequences that may start, that of the client that runs the fewest; of equals that of the one
    /// that stands first in line, and then the older.
    func next(
        running: [ClientNumber: Int], _ shares: FairShares, mayStart: (SequenceID) -> Bool
    ) -> SequenceID? {
        var best: (rank: (Int, Double, UInt64), id: SequenceID)?
        for (client, queue) in queues {
            let (count, tag) = (running[client] ?? 0, shares.startTag(of: client))
            guard best.map({ (count, tag) <= ($0.rank.0, $0.rank.1) }) ?? true,
                let entry = queue.first(where: { mayStart($0.id) })
            else { continue }
            let rank = (count, tag, entry.arrival)
            if best.map({ rank < $0.rank }) ?? true { best = (rank, entry.id) }
        }
        return best?.id
    }

    /// Sequences of one client.
    func count(of client: ClientNumber) -> Int { queues[client]?.count ?? 0 }
}
