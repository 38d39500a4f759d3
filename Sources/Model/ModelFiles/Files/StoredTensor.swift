/// A tensor as it lies in a mapped file, whatever the file's format.
package struct StoredTensor: Sendable {
    /// Its name in the file, type, shape and file.
    package let info: TensorInfo
    let file: MappedFile
    /// All bytes that its elements lie in, counted from the start of the file, the first element's at the beginning.
    package let range: Range<Int>
    /// Elements from one index to the next in each dimension; nil where rows lie one after another without holes, and so
    /// the range has exactly the tensor's bytes.
    package let strides: [Int]?

    /// Whether two names stand for the same bytes, read in the same order.
    func isSame(as other: StoredTensor) -> Bool {
        file === other.file && range == other.range && strides == other.strides && info.shape == other.info.shape
            && info.type == other.info.type
    }
}
