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

    /// Of the clients' first sequences that may start, that of the client that stands first in line; the older of equals.
    func next(_ shares: FairShares, mayStart: (SequenceID) -> Bool) -> SequenceID? {
        var best: (work: Double, entry: Entry)?
        for (client, queue) in queues {
            let work = shares.place(of: client)
            guard best.map({ work <= $0.work }) ?? true, let entry = queue.first(where: { mayStart($0.id) }) else {
                continue
            }
            if best.map({ work < $0.work || entry.arrival < $0.entry.arrival }) ?? true { best = (work, entry) }
        }
        return best?.entry.id
    }

    /// All of them, the oldest first.
    var inOrder: [SequenceID] { queues.values.joined().sorted { $0.arrival < $1.arrival }.map(\.id) }
}
