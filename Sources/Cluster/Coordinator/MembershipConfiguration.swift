import Logging
import Messages
import Planning
import Transport
import Wire

/// How the coordinator keeps its workers.
package struct MembershipConfiguration {
    /// As many workers are waited for before the first plan; later ones may be taken in.
    package var workersWanted: Int
    /// What plans are made for.
    package var objective = PlanObjective.throughput
    /// Streams at once that plans are made for.
    package var streams = 64
    /// How much better another plan has to be, by its own prediction, for workers to load other layers.
    package var adoptionGain = 0.1
    package var heartbeatMilliseconds: UInt64 = 1_000
    /// Heartbeats in a row that may be missed.
    package var missedHeartbeats: UInt64 = 3
    /// A plan is made without a worker that has been loading for so long.
    package var loadingMilliseconds: UInt64 = 15 * 60_000
    /// Workers that have not measured their speed after so long are taken as they are.
    package var calibrationMilliseconds: UInt64 = 60_000
    /// Plans that fail one after the other are made ever more slowly; one that lived so long begins anew.
    package var steadyMilliseconds: UInt64 = 30_000
    package var longestPauseMilliseconds: UInt64 = 30_000
    /// A message reported sent on a link, and not reported received for so long, is lost.
    package var linkLossMilliseconds: UInt64 = 2_500
    package var maximumWorkers = 256
    /// Where the last stage sends results; "*" as host means the host at which the worker dials the coordinator.
    package var resultEndpoint: String

    package init(workersWanted: Int, resultEndpoint: String) {
        self.workersWanted = workersWanted
        self.resultEndpoint = resultEndpoint
    }
}

extension MembershipConfiguration {
    /// - Parameter results: where the coordinator listens for them.
    init(_ configuration: CoordinatorConfiguration, results: Endpoint) {
        self.init(workersWanted: configuration.workersWanted, resultEndpoint: "tcp://*:\(results.port)")
        objective = configuration.objective
        streams = configuration.streams
    }
}

/// What the membership wants done.
package enum MembershipAction: Equatable {
    case send(ControlMessage, epoch: UInt64, to: WorkerID)
    /// Every stage is ready: a pipeline's batches go to its entry of `firstEndpoints`.
    case pipelinesUp(Plan, firstEndpoints: [String])
    case pipelinesDown(reason: String)
    case log(Logger.Level, String)
}
