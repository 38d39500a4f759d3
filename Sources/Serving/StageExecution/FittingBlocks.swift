import GPT2

/// Makes a stage with so many KV cache blocks; where there is no memory for it, with half as many, and so on.
/// - Parameters:
///   - least: fewer are not tried: a sequence of full length needs them.
///   - make: loads the stage.
/// - Throws: what `make` throws, for want of memory only after the least.
public func withFittingBlocks(
    _ wanted: Int, least: Int, _ make: (Int) throws -> PipelineStage
) throws -> PipelineStage {
    var blocks = wanted
    while true {
        do {
            let stage = try make(blocks)
            // All memory in the cache would be none for batches.
            try stage.requireMemory(rows: 256)
            return stage
        } catch let error as GPT2Error where error.isOutOfMemory && blocks > least {
            blocks = max(least, blocks / 2)
        }
    }
}
