import Kernels

extension PipelineStage {
    /// Bytes beside what is computed for a batch: messages, and what the threads keep.
    private static let margin = 4 << 20
    /// Rows of logits at once, more than callers ask for.
    private static let logitRows = 32

    /// Throws ``GPT2Error/kernels(_:)`` where there is no memory to compute a batch of so many rows.
    public func requireMemory(rows: Int) throws(GPT2Error) {
        let (width, inner) = (configuration.width, configuration.innerWidth)
        // Residual stream, as it came and as it is sent; scratch buffers, with the quantized copies of their inputs.
        var floats = rows * (3 * width + 5 * width + inner + (width + inner) / 2)
        if isLast { floats += min(rows, Self.logitRows) * (configuration.vocabularySize + 2 * width) }
        do {
            try Kernels.requireMemory(
                byteCount: floats * MemoryLayout<Float>.stride + Self.margin, purpose: "a batch of \(rows) rows")
        } catch {
            throw .kernels(error)
        }
    }
}
