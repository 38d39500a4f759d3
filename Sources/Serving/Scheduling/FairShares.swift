import OrderedCollections

/// The order of prompts, by start-time fair queueing (Goyal, Vin and Cheng 1996): clients share the pipelines evenly,
/// however many requests each of them sends, and among clients that had equally much the first to come is served first.
///
/// The start tag of a prompt is the finish tag of its client's last prompt, or the virtual time if that is later; the
/// least tag goes first. Tags count rows, divided by the weight of the priority. Virtual time follows the tags that are
/// served and grows with the work done for all clients, so neither a client that was away nor one that changes its name
/// gets ahead for good.
struct FairShares: Sendable {
    /// The most clients without sequences that are remembered.
    private static let remembered = 4_096

    private struct Account {
        /// The finish tag of the client's last prompt.
        var finishTag: Double
        /// Sequences that wait or run.
        var sequences = 0
    }

    private var accounts: OrderedDictionary<ClientNumber, Account> = [:]
    private var virtualTime = 0.0
    /// Accounts with sequences.
    private var active = 0

    /// A client has one more sequence, waiting or running.
    mutating func enter(_ client: ClientNumber) {
        var account = accounts[client] ?? Account(finishTag: virtualTime)
        account.sequences += 1
        if account.sequences == 1 { active += 1 }
        accounts[client] = account
    }

    /// A client has one sequence less. What it had too much of is remembered until the others have had as much.
    mutating func leave(_ client: ClientNumber) {
        var account = account(of: client)
        account.sequences -= 1
        if account.sequences == 0 { active -= 1 }
        guard active > 0 else {
            accounts = [:]
            return
        }
        accounts[client] = account.sequences == 0 && account.finishTag <= virtualTime ? nil : account
        if accounts.count > Self.remembered + active {
            accounts.removeAll { $0.value.sequences == 0 }
        }
    }

    private func account(of client: ClientNumber) -> Account {
        guard let account = accounts[client] else { preconditionFailure("client \(client) has no sequences") }
        return account
    }

    /// The start tag of a client's next prompt.
    func startTag(of client: ClientNumber) -> Double { max(virtualTime, accounts[client]?.finishTag ?? virtualTime) }

    /// A prompt with so many rows to run gets its place in line. Returns its start tag.
    mutating func lineUp(_ client: ClientNumber, rows: Int, priority: SequencePriority) -> Double {
        var account = account(of: client)
        let tag = startTag(of: client)
        account.finishTag = tag + Double(rows) / priority.weight
        accounts[client] = account
        return tag
    }

    /// So many rows of a prompt in line will not be run, or not now.
    mutating func withdraw(_ client: ClientNumber, rows: Int, priority: SequencePriority) {
        var account = account(of: client)
        account.finishTag -= Double(rows) / priority.weight
        accounts[client] = account
    }

    /// Rows are sent; `startTag` is that of their prompt, if they are of one.
    mutating func serve(rows: Int, startTag: Double?) {
        if let startTag { virtualTime = max(virtualTime, startTag) }
        virtualTime += Double(rows) / Double(max(1, active))
    }
}
