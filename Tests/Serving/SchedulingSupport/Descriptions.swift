import Scheduling

extension PipelineDescription {
    /// One stage of which it is not known what it costs.
    package static func alone(blocks: Int) -> PipelineDescription {
        PipelineDescription(blocks: blocks, stages: [StageDescription(host: 0, costs: RowCosts([]))])
    }

    /// Stages on machines of their own, each of which takes `milliseconds` for up to 8 rows, and so much more for each 8
    /// after them.
    package static func row(of stages: Int, blocks: Int, milliseconds: Double = 8) -> PipelineDescription {
        PipelineDescription(
            blocks: blocks,
            stages: (0..<stages).map {
                StageDescription(
                    host: $0,
                    costs: RowCosts([
                        .init(rows: 8, milliseconds: milliseconds), .init(rows: 16, milliseconds: 2 * milliseconds),
                    ]))
            })
    }
}
