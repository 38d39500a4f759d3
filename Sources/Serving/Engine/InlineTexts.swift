import Messages

extension RequestEngine {
    /// Runs the texts among some actions here and now, for a shell that has nothing else to do meanwhile.
    /// - Returns: the other actions, and those that came of it.
    public mutating func runningTexts(_ actions: [RequestAction]) -> [RequestAction] {
        var (actions, place) = (actions, 0)
        while place < actions.count {
            guard case .run(let job) = actions[place] else {
                place += 1
                continue
            }
            actions.replaceSubrange(place...place, with: finished(job.run(model, limits: limits)))
        }
        return actions
    }
}
