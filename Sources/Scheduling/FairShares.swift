import OrderedCollections

/// How much work each client has had and is promised: who has had least is served next, so that clients share the cluster
/// evenly however many requests each of them sends, and of clients that have had as much, who came first (start-time fair
/// queueing; Goyal, Vin and Cheng 1996).
///
/// Work is counted in rows, divided by the weight of the priority they were run with. A client that comes, or comes
/// back, starts where the one with the least work stands: nobody saves up a share by staying away.
struct FairShares: Sendable {
    private struct Account {
        /// Rows run.
        var served: Double
        /// Rows run and rows of prompts that have their blocks: where its next prompt stands in line.
        var promised: Double
        /// Sequences that wait or run.
        var sequences = 0
    }

    private var accounts: OrderedDictionary<ClientNumber, Account> = [:]

    /// A client has one sequence more.
    mutating func enter(_ client: ClientNumber) {
        if accounts[client] == nil {
            let start = accounts.values.lazy.map(\.served).min() ?? 0
            accounts[client] = Account(served: start, promised: start)
        }
        accounts[client]?.sequences += 1
    }

    /// A client has one sequence less.
    mutating func leave(_ client: ClientNumber) {
        accounts[client]?.sequences -= 1
        if accounts[client]?.sequences == 0 { accounts[client] = nil }
    }

    /// Rows of a prompt will be run. Returns their place in line: the least is served first.
    mutating func promise(_ client: ClientNumber, rows: Int, priority: SequencePriority) -> Double {
        let place = place(of: client)
        accounts[client]?.promised = place + Double(rows) / priority.weight
        return place
    }

    /// Rows are run.
    /// - Parameter wasPromised: they are of a prompt.
    mutating func charge(_ client: ClientNumber, rows: Int, priority: SequencePriority, wasPromised: Bool) {
        accounts[client]?.served += Double(rows) / priority.weight
        if !wasPromised { accounts[client]?.promised += Double(rows) / priority.weight }
    }

    /// Rows that a client has had, by weight.
    func work(of client: ClientNumber) -> Double { accounts[client]?.served ?? 0 }

    /// Where a client's next prompt would stand in line.
    func place(of client: ClientNumber) -> Double {
        guard let account = accounts[client] else { return 0 }
        return max(account.served, account.promised)
    }
}
