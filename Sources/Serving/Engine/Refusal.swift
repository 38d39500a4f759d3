import Messages
import Scheduling

/// Why a request is refused; becomes a `Failure`.
package struct Refusal: Error, Equatable {
    var code: FailureCode
    var message: String
    var retryMilliseconds: UInt32?

    package static func badRequest(_ message: String) -> Refusal { Refusal(code: .badRequest, message: message) }

    /// The same request may succeed in a second.
    static func overloaded(_ message: String) -> Refusal {
        Refusal(code: .overloaded, message: message, retryMilliseconds: 1_000)
    }

    /// Nobody can serve the request now; in a second somebody may.
    static func unavailable(_ message: String) -> Refusal {
        Refusal(code: .unavailable, message: message, retryMilliseconds: 1_000)
    }

    static func queueFull(limit: Int) -> Refusal {
        .overloaded("the queue is full: at most \(limit) sequences may wait")
    }

    static let unknownRequest = Refusal(
        code: .unavailable, message: "the request is not running here any more: the connection was lost in between",
        retryMilliseconds: 0)

    /// The scheduler did not take the request's sequences.
    init(_ error: AdmissionError) {
        switch error {
        case .neverFits: self = .badRequest("the request \(error)")
        case .queueFull(let limit): self = .queueFull(limit: limit)
        case .noPipeline: self = .unavailable("\(error)")
        }
    }

    init(code: FailureCode, message: String, retryMilliseconds: UInt32? = nil) {
        self.code = code
        self.message = message
        self.retryMilliseconds = retryMilliseconds
    }

    package func failure(_ requestID: UInt64) -> ClientReply {
        .failure(Failure(requestID: requestID, code: code, message: message, retryMilliseconds: retryMilliseconds))
    }
}
