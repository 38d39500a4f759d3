extension Membership {
    /// One line for people.
    package var stateLine: String {
        if isLive, let draining = workers.first(where: \.isDraining) {
            return "\(draining.label) is leaving; waiting for running requests"
        }
        if let plan { return isLive ? ready(plan) : notYet(plan) }
        if let planFailure { return planFailure }
        if now < nextPlanAt { return "the last plans failed; the next is made in \((nextPlanAt - now) / 1_000 + 1) s" }
        let here = workers.count { !$0.isDraining }
        return "waiting for workers: \(here) of \(configuration.workersWanted) are here"
    }

    /// "ready: 2 pipelines of 3 stages; 1 worker idle: …"
    private func ready(_ plan: Plan) -> String {
        // In the order in which they came.
        let idle = workers.compactMap { worker in plan.idle[worker.id].map { (worker.hello.name, $0) } }
        guard let first = idle.first else { return "ready: \(plan.shape)" }
        let who = idle.count == 1 ? "1 worker idle" : "\(idle.count) workers idle, for example '\(first.0)'"
        return "ready: \(plan.shape); \(who): \(first.1)"
    }

    private func notYet(_ plan: Plan) -> String {
        let records = plan.workers.compactMap { record($0) }
        if calibratingSince != nil {
            let measured = records.count { $0.isMeasured }
            return "calibrating: \(measured) of \(records.count) workers have measured their speed"
        }
        let loading = records.count { $0.state == .loading }
        return "loading: \(loading) of \(records.count) workers are still loading their layers"
    }
}
