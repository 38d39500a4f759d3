import Messages
import Transport

/// What a stage reports to the thread that talks with the coordinator.
package enum StageEvent: Sendable {
    /// Where it takes batches, before anything else.
    case listening(Endpoint)
    case loaded(Ready)
    case measured([Speed])
    /// `fatal`: the model cannot be loaded, now or later.
    case failed(String, fatal: Bool)
    /// Its loop has ended.
    case ended(any Error)
}
