/// Is told how far work is; from any thread.
package protocol WorkProgress: Sendable {
    func update(_ done: Int, of total: Int)

    /// The work has ended.
    func finish()
}

/// Starts to show how far something is, under a label.
package typealias ProgressStart = @Sendable (_ label: String) -> any WorkProgress
