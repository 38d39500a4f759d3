import OrderedCollections

/// Where prompts stand in line, so that clients share the cluster evenly however many requests each of them sends, and
/// clients that had as much go by who came first: start-time fair queueing (Goyal, Vin and Cheng 1996).
///
/// A prompt's start tag is where its client's last prompt ended, or the virtual time where that is later; the least goes
/// first. Tags count rows, divided by the weight of the priority. Virtual time follows the tags that are served, and goes on
/// with the work done for all, so that neither a client that stayed away nor one with ever new names gets ahead for good.
struct FairShares: Sendable {
    /// Clients without sequences that are remembered, at most.
    private static let remembered = 4_096

    private struct Account {
        /// Where the client's last prompt ends.
        var finishTag: Double
        /// Sequences that wait or run.
        var sequences = 0
    }

    private var accounts: OrderedDictionary<ClientNumber, Account> = [:]
    private var virtualTime = 0.0
    // Accounts with sequences.
    private var active = 0

    /// A client has one sequence more.
    mutating func enter(_ client: ClientNumber) {
        var account = accounts[client] ?? Account(finishTag: virtualTime)
        account.sequences += 1
        if account.sequences == 1 { active += 1 }
        accounts[client] = account
    }

    /// A client has one sequence less. What it had too much of is remembered until the others have had as much.
    mutating func leave(_ client: ClientNumber) {
        accounts[client]?.sequences -= 1
        if accounts[client]?.sequences == 0 { active -= 1 }
        guard active > 0 else {
            accounts = [:]
            return
        }
        if accounts[client].map({ $0.sequences == 0 && $0.finishTag <= virtualTime }) ?? false {
            accounts[client] = nil
        }
        if accounts.count > Self.remembered + active {
            accounts.removeAll { $0.value.sequences == 0 }
        }
    }

    /// Where a client's next prompt stands in line.
    func startTag(of client: ClientNumber) -> Double { max(virtualTime, accounts[client]?.finishTag ?? virtualTime) }

    /// A prompt with so many rows to run takes its place in line. Returns its start tag.
    mutating func lineUp(_ client: ClientNumber, rows: Int, priority: SequencePriority) -> Double {
        let tag = startTag(of: client)
        accounts[client]?.finishTag = tag + Double(rows) / priority.weight
        return tag
    }

    /// So many rows of a prompt in line will not be run, or not now.
    mutating func withdraw(_ client: ClientNumber, rows: Int, priority: SequencePriority) {
        accounts[client]?.finishTag -= Double(rows) / priority.weight
    }

    /// Rows are run; `startTag` is that of their prompt, where they are of one.
    mutating func serve(rows: Int, startTag: Double?) {
        if let startTag { virtualTime = max(virtualTime, startTag) }
        virtualTime += Double(rows) / Double(max(1, active))
    }
}
