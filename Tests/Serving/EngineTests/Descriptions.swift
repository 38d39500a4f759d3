import Scheduling

extension PipelineDescription {
    /// One stage of which it is not known what it costs.
    static func alone(blocks: Int) -> PipelineDescription {
        PipelineDescription(blocks: blocks, stages: [StageDescription(host: 0, costs: RowCosts([]))])
    }
}
