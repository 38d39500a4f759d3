import ArgumentParser
import Bench
import Capacity
import GPT2
import Kernels
import Planning
import Transport

// Values that options take as they stand.

extension ByteCount: ExpressibleByArgument {}
extension LayerRange: ExpressibleByArgument {}
extension PackedType: ExpressibleByArgument {}
extension CacheType: ExpressibleByArgument {}
extension ModelBenchRun.Breakdown: ExpressibleByArgument {}
extension PlanObjective: ExpressibleByArgument {}

/// An address to dial.
extension Endpoint: ExpressibleByArgument {
    public init?(argument: String) {
        guard let endpoint = try? Endpoint(argument), endpoint.port != 0, endpoint.host != "*" else { return nil }
        self = endpoint
    }
}
