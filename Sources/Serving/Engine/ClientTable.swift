import Scheduling

/// Clients with requests under way, and the numbers by which the scheduler knows clients.
struct ClientTable {
    private var running: [ClientID: Set<UInt64>] = [:]
    private var numbers: [ClientID: ClientNumber] = [:]
    private var lastNumber: ClientNumber = 0
    // A client keeps its number while it has no request, so that its share is remembered; beyond this many, numbers of
    // such clients are forgotten.
    private let numberLimit: Int

    init(limit: Int) { numberLimit = 4 * limit }

    /// Clients with requests under way.
    var count: Int { running.count }

    func contains(_ client: ClientID) -> Bool { running[client] != nil }

    func requestCount(of client: ClientID) -> Int { running[client]?.count ?? 0 }

    /// The client's requests, in the order of their ids.
    func requests(of client: ClientID) -> [RequestKey] {
        (running[client] ?? []).sorted().map { RequestKey(client: client, requestID: $0) }
    }

    /// The number of a client; that of one not seen before becomes its own when its request is opened.
    func number(of client: ClientID) -> ClientNumber { numbers[client] ?? lastNumber + 1 }

    mutating func open(_ key: RequestKey) {
        running[key.client, default: []].insert(key.requestID)
        if numbers[key.client] == nil {
            lastNumber += 1
            numbers[key.client] = lastNumber
        }
    }

    mutating func close(_ key: RequestKey) {
        running[key.client]?.remove(key.requestID)
        guard running[key.client]?.isEmpty == true else { return }
        running[key.client] = nil
        if numbers.count > numberLimit { numbers = numbers.filter { running[$0.key] != nil } }
    }

    /// Forgets a client that went away.
    mutating func forget(_ client: ClientID) {
        running[client] = nil
        numbers[client] = nil
    }
}
