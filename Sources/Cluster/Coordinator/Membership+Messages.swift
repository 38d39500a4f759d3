import Messages

extension Membership {
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
