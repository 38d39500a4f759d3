import Kernels
import ModelFiles

extension GPT2Configuration {
    /// Memory that weights take where they are kept in some type, in bytes: of one layer, of the final layer norm and the
    /// output head, and of the embeddings. Where the head is the token embedding, a stage with both has it once.
    public func weightBytes(_ type: PackedType) -> (perLayer: Int, head: Int, embedding: Int) {
        func panels(_ depth: Int, _ columns: Int) -> Int {
            PackedMatrix.byteCount(type, depth: depth, columns: columns) ?? .max
        }
        // Biases and layer norms are floats.
        let floats = 4 * (2 * 2 * width + 3 * width + width + innerWidth + width)
        let products =
            panels(width, 3 * width) + panels(width, width) + panels(width, innerWidth) + panels(innerWidth, width)
        let tokens = panels(width, vocabularySize)
        return (products + floats, tokens + 4 * 2 * width, tokens + 4 * contextLength * width)
    }
}
