import OrderedCollections

/// The sequences that wait for blocks: a queue for each client, with the highest priority first and among equals the
/// oldest.
struct WaitingTable: Sendable {
    private var queues: OrderedDictionary<ClientNumber, [SequenceState]> = [:]
    private var clients: [SequenceID: ClientNumber] = [:]

    var count: Int { clients.count }
    var all: some Sequence<SequenceState> { queues.values.joined() }

    /// Sequences of one client.
    func count(of client: ClientNumber) -> Int { queues[client]?.count ?? 0 }

    subscript(id: SequenceID) -> SequenceState? {
        guard let client = clients[id] else { return nil }
        return queues[client]?.first { $0.id == id }
    }

    /// Takes in a new sequence, or one that was preempted and is older than others here.
    mutating func insert(_ sequence: SequenceState) {
        let position = queues[sequence.client]?.lastIndex { Self.precedes($0, sequence) }.map { $0 + 1 } ?? 0
        queues[sequence.client, default: []].insert(sequence, at: position)
        clients[sequence.id] = sequence.client
    }

    /// Takes a sequence out; nil if it does not wait.
    @discardableResult
    mutating func remove(_ id: SequenceID) -> SequenceState? {
        guard let client = clients.removeValue(forKey: id),
            let position = queues[client]?.firstIndex(where: { $0.id == id })
        else { return nil }
        let sequence = queues[client]?.remove(at: position)
        if queues[client]?.isEmpty == true { queues[client] = nil }
        return sequence
    }

    /// Changes a sequence that waits.
    mutating func cutBack(_ id: SequenceID, to count: Int) {
        guard let client = clients[id], let position = queues[client]?.firstIndex(where: { $0.id == id }) else {
            preconditionFailure("sequence \(id) does not wait")
        }
        queues[client]?[position].cutBack(to: count)
    }

    /// The sequence to start next. Each client offers its first sequence that may start. The client that runs the fewest
    /// sequences comes first; among equals the one whose next prompt stands first in line, and then the older sequence.
    func next(
        running: [ClientNumber: Int], shares: FairShares, mayStart: (SequenceState) -> Bool
    ) -> SequenceState? {
        var best: (rank: (Int, Double, UInt64), sequence: SequenceState)?
        for (client, queue) in queues {
            let (count, tag) = (running[client] ?? 0, shares.startTag(of: client))
            guard best.map({ (count, tag) <= ($0.rank.0, $0.rank.1) }) ?? true, let first = queue.first(where: mayStart)
            else { continue }
            let rank = (count, tag, first.arrival)
            if best.map({ rank < $0.rank }) ?? true { best = (rank, first) }
        }
        return best?.sequence
    }

    private static func precedes(_ first: SequenceState, _ second: SequenceState) -> Bool {
        (second.priority, first.arrival) < (first.priority, second.arrival)
    }
}
