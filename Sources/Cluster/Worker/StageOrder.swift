import Messages
import Transport

/// What the coordinator wants of the stage.
package enum StageOrder: Sendable {
    case load(Assignment, plan: PlanID, successor: Endpoint)
    case measure(PlanID)
    /// The plan is over, and no other has begun.
    case endPlan
}
