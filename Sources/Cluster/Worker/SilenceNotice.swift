/// When to say that the coordinator does not answer: after 5 s, and then each time it has taken twice as long.
package struct SilenceNotice {
    private static let first = Duration.seconds(5)

    private var since: ContinuousClock.Instant?
    private var next = first

    package init() {}

    /// It has answered, or is dialled anew.
    package mutating func end() { self = SilenceNotice() }

    /// How long nothing has come, where that is to be said now.
    package mutating func due(now: ContinuousClock.Instant) -> Duration? {
        let since = since ?? now
        self.since = since
        guard now - since >= next else { return nil }
        while now - since >= next { next *= 2 }
        return now - since
    }
}
