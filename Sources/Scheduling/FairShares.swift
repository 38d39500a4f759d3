import OrderedCollections

/// How much work each client has had: who has had least is served next, so that clients share the cluster evenly however
/// many requests each of them sends (start-time fair queueing; Goyal, Vin and Cheng 1996).
///
/// Work is counted in rows, divided by the weight of the priority they were run with. A client that comes, or comes
/// back, starts where the one with the least work stands: nobody saves up a share by staying away.
struct FairShares: Sendable {
    private struct Account {
        var work: Double
        /// Sequences that wait or run.
        var sequences: Int
    }

    private var accounts: OrderedDictionary<ClientNumber, Account> = [:]

    /// A client has one sequence more.
    mutating func enter(_ client: ClientNumber) {
        if accounts[client] == nil {
            accounts[client] = Account(work: accounts.values.lazy.map(\.work).min() ?? 0, sequences: 0)
        }
        accounts[client]?.sequences += 1
    }

    /// A client has one sequence less.
    mutating func leave(_ client: ClientNumber) {
        accounts[client]?.sequences -= 1
        if accounts[client]?.sequences == 0 { accounts[client] = nil }
    }

    mutating func charge(_ client: ClientNumber, rows: Int, priority: SequencePriority) {
        accounts[client]?.work += Double(rows) / priority.weight
    }

    func work(of client: ClientNumber) -> Double { accounts[client]?.work ?? 0 }
}
