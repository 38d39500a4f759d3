import Messages

/// Why a request is refused; becomes a `Failure`.
package struct Refusal: Error, Equatable {
    var code: FailureCode
    var message: String
    var retryMilliseconds: UInt32?

    package static func badRequest(_ message: String) -> Refusal { Refusal(code: .badRequest, message: message) }

    static func queueFull(limit: Int) -> Refusal {
        Refusal(
            code: .overloaded, message: "the queue is full: at most \(limit) sequences may wait",
            retryMilliseconds: 1_000)
    }

    static let unknownRequest = Refusal(
        code: .unavailable, message: "the request is not running here any more: the connection was lost in between",
        retryMilliseconds: 0)

    package func failure(_ requestID: UInt64) -> ClientReply {
        .failure(Failure(requestID: requestID, code: code, message: message, retryMilliseconds: retryMilliseconds))
    }
}
