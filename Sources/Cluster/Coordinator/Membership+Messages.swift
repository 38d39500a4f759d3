import Messages

extension Membership {
    /// A last stage sent what answers no batch under way.
    mutating func wrongResult(from id: WorkerID, epoch: UInt64) -> [MembershipAction] {
        fault("its result is no answer to the batch under way", fatal: false, epoch: epoch, from: id)
    }

    /// What a worker says, apart from hello and heartbeats; nil for what no worker says to a coordinator.
    mutating func receive(_ body: ControlMessage, epoch: UInt64, from id: WorkerID) -> [MembershipAction]? {
        switch body {
        case .ready(let ready): self.ready(ready, epoch: epoch, from: id)
        case .measured(let speeds): measured(speeds, epoch: epoch, from: id)
        case .drain: drain(id)
        case .bye(let reason): bye(id, reason: reason?.printable)
        case .fault(let reason, let fatal): fault(reason.printable, fatal: fatal, epoch: epoch, from: id)
        default: nil
        }
    }
}
