/// Texts that wait to be tokenized. Clients take turns, so that one with many long texts delays another by one text.
struct TextQueue {
    private let limits: RequestLimits
    private var waiting: [ClientID: [WaitingText]] = [:]
    // Clients with texts that wait, the next one first.
    private var turns: [ClientID] = []
    // The text whose job is under way; nil in it: nobody waits for it any more.
    private var current: WaitingText??
    private var lastNumber: UInt64 = 0

    init(limits: RequestLimits) { self.limits = limits }

    /// Texts of requests, which wait or are under way.
    var requests: [WaitingText] { all.filter(\.isRequest) }

    func contains(_ key: RequestKey) -> Bool { requestIDs(of: key.client).contains(key.requestID) }

    /// The client's requests here.
    func requestIDs(of client: ClientID) -> Set<UInt64> {
        let current = (current ?? nil).flatMap { $0.key.client == client ? $0 : nil }
        return Set(((waiting[client] ?? []) + (current.map { [$0] } ?? [])).filter(\.isRequest).map(\.key.requestID))
    }

    /// - Throws: ``Refusal`` where too many wait, or too many bytes.
    mutating func add(_ text: WaitingText) throws(Refusal) {
        let own = waiting[text.key.client] ?? []
        guard own.count < limits.requestsPerClient, waiting.values.reduce(0, { $0 + $1.count }) < limits.requests else {
            throw .overloaded("\(own.count) texts of this client wait to be tokenized already")
        }
        guard own.reduce(text.bytes, { $0 + $1.bytes }) <= limits.waitingTextBytesPerClient,
            waiting.values.joined().reduce(text.bytes, { $0 + $1.bytes }) <= limits.waitingTextBytes
        else { throw .overloaded("the texts that wait to be tokenized are too long together") }
        if own.isEmpty { turns.append(text.key.client) }
        waiting[text.key.client, default: []].append(text)
    }

    /// The next job, unless one is under way.
    mutating func next() -> TextJob? {
        guard current == nil, let client = turns.first, let text = waiting[client]?.first else { return nil }
        turns.removeFirst()
        waiting[client]?.removeFirst()
        if waiting[client]?.isEmpty == true { waiting[client] = nil } else { turns.append(client) }
        lastNumber += 1
        current = .some(text)
        return TextJob(number: lastNumber, work: text.work)
    }

    /// The text whose job has ended; nil where nobody waits for it.
    mutating func finish(_ number: UInt64) -> WaitingText? {
        guard number == lastNumber, let text = current else { return nil }
        current = nil
        return text
    }

    mutating func addCredit(_ pieces: UInt32, to key: RequestKey) {
        change(key) { $0.addCredit(pieces) }
    }

    /// Takes a request's text out; nil where it is not here.
    mutating func remove(_ key: RequestKey) -> WaitingText? {
        if let text = current ?? nil, text.isRequest, text.key == key {
            current = .some(nil)
            return text
        }
        guard let place = waiting[key.client]?.firstIndex(where: { $0.isRequest && $0.key == key }) else { return nil }
        defer { forgetIfEmpty(key.client) }
        return waiting[key.client]?.remove(at: place)
    }

    /// Takes out all that a client has here.
    mutating func forget(_ client: ClientID) {
        waiting[client] = nil
        forgetIfEmpty(client)
        if let text = current ?? nil, text.key.client == client { current = .some(nil) }
    }

    private var all: [WaitingText] { ((current ?? nil).map { [$0] } ?? []) + turns.flatMap { waiting[$0] ?? [] } }

    private mutating func change(_ key: RequestKey, _ amend: (inout WaitingText) -> Void) {
        if var text = current ?? nil, text.isRequest, text.key == key {
            amend(&text)
            current = .some(text)
        } else if let place = waiting[key.client]?.firstIndex(where: { $0.isRequest && $0.key == key }) {
            waiting[key.client]?[place].change(amend)
        }
    }

    private mutating func forgetIfEmpty(_ client: ClientID) {
        guard waiting[client]?.isEmpty ?? true else { return }
        waiting[client] = nil
        turns.removeAll { $0 == client }
    }
}

extension WaitingText {
    fileprivate mutating func change(_ amend: (inout WaitingText) -> Void) { amend(&self) }
}
