/// What a model file says of one tensor. Made by ``Checkpoint`` only, so its numbers are already checked.
public struct TensorInfo: Sendable, Equatable {
    /// The tensor's name as the file has it.
    public let name: String
    /// Type of its elements.
    public let type: ElementType
    /// Its dimensions, outermost first; empty for a scalar.
    public let shape: [Int]
    /// Path of the file that holds it.
    public let file: String
    /// Number of elements, the product of the shape.
    public let elementCount: Int
    /// Size of its data in bytes.
    public let byteCount: Int

    /// Throws ``ModelFileError/tooMany(file:what:limit:)`` for too many dimensions and
    /// ``ModelFileError/invalidShape(file:tensor:type:shape:)`` where the shape gives no size.
    init(name: String, type: ElementType, shape: [Int], file: String) throws(ModelFileError) {
        guard shape.count <= Limits.dimensions else {
            throw .tooMany(file: file, what: "dimensions in tensor \(quoted(name))", limit: Limits.dimensions)
        }
        guard let size = Self.size(of: shape, type: type) else {
            throw .invalidShape(file: file, tensor: name, type: type, shape: shape)
        }
        (self.name, self.type, self.shape, self.file) = (name, type, shape, file)
        (elementCount, byteCount) = size
    }

    /// Elements and bytes of a shape; nil where a dimension is negative, a product overflows or packed elements do
    /// not fill their last byte.
    private static func size(of shape: [Int], type: ElementType) -> (elements: Int, bytes: Int)? {
        var elements = 1
        for dimension in shape {
            let (product, overflow) = elements.multipliedReportingOverflow(by: dimension)
            guard dimension >= 0, !overflow else { return nil }
            elements = product
        }
        let (bits, overflow) = elements.multipliedReportingOverflow(by: type.bitWidth)
        guard !overflow, bits % 8 == 0 else { return nil }
        return (elements, bits / 8)
    }

    /// The name without the prefix `transformer.`, which some writers put before the names of GPT-2's layers.
    var canonicalName: String {
        name.hasPrefix(Self.prefix) ? String(name.dropFirst(Self.prefix.count)) : name
    }

    static let prefix = "transformer."
}
