import Scheduling
import SchedulingSupport
import Simulation
import Testing

@Suite("Simulated clusters")
struct ClusterSimulationTests {
    /// XL in int8 over equal machines of 2 cores, one stage each.
    private static func cluster(machines: Int, latency: Double, millisecondsPerRow: Double = 0.055)
        -> PipelineDescription
    {
        let layer = RowCosts([
            .init(rows: 1, milliseconds: 0.98), .init(rows: 8, milliseconds: 1.15), .init(rows: 16, milliseconds: 1.7),
            .init(rows: 64, milliseconds: 5.5), .init(rows: 128, milliseconds: 11),
        ])
        let share = (48 + 2.6) / Double(machines)
        let link = LinkDescription(latencyMilliseconds: latency, millisecondsPerRow: millisecondsPerRow)
        return PipelineDescription(
            blocks: 4_096,
            stages: (0..<machines).map {
                StageDescription(host: $0, costs: layer.scaled(by: share), link: link)
            }, resultLink: LinkDescription(latencyMilliseconds: latency))
    }

    @Test("streams keep every machine busy, or wait for nothing but their own round trips")
    func nearTheBound() throws {
        for machines in [1, 2, 3, 8, 16] {
            for latency in [0.1, 5] {
                for streams in [1, 8, 32, 128] {
                    var simulation = ClusterSimulation(
                        pipelines: [Self.cluster(machines: machines, latency: latency)],
                        load: SimulatedLoad(streams: streams, promptTokens: 20, sampledTokens: 100))
                    let outcome = try simulation.run()
                    #expect(outcome.share >= 0.9, "\(machines) machines, \(latency) ms, \(streams) streams: \(outcome)")
                }
            }
        }
    }

    @Test("beside a stream a prompt adds a step at most to the time between its tokens")
    func besideAStream() throws {
        for stages in 1...4 {
            let pipeline = PipelineDescription.row(of: stages, blocks: 256, milliseconds: 4)
            var simulation = ClusterSimulation(
                pipelines: [pipeline], load: SimulatedLoad(streams: 2, promptTokens: 900, sampledTokens: 100),
                limits: SchedulerLimits(stepMilliseconds: 60))
            let outcome = try simulation.run()
            #expect(outcome.longestGap <= pipeline.passMilliseconds(rows: 1) + 60 + 1, "\(stages): \(outcome)")
        }
    }
}
