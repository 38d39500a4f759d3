/// Names a plan. Epochs of different incarnations of a coordinator do not compare.
package struct PlanID: Sendable, Equatable {
    package let incarnation: UInt64
    package let epoch: UInt64

    package init(incarnation: UInt64, epoch: UInt64) {
        self.incarnation = incarnation
        self.epoch = epoch
    }
}
