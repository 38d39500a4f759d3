/// How a stored weight matrix is laid out.
public enum WeightLayout: Sendable {
    /// [depth, columns], as in GPT-2's projections.
    case inputMajor
    /// [columns, depth], as in its token embedding, which is also its output head.
    case outputMajor
}

/// Bytes owned by another object for the lifetime of this one, such as a tensor in a mapped file. They never change.
public protocol PackedStorage: Sendable {
    /// Calls `body` with the bytes; they are at the same address every time.
    func withBytes(_ body: (RawSpan) -> Void)
}

/// The weights of a matrix product [depth, columns], packed as ``PackedType`` describes: a product reads them once, in
/// order.
public final class PackedMatrix: Sendable {
    public let type: PackedType
    /// Number of inputs.
    public let depth: Int
    /// Number of outputs.
    public let columns: Int
    private let storage: any PackedStorage
    /// Size in bytes.
    public let byteCount: Int
    let panelByteCount: Int

    /// Size in bytes of packed weights; nil if it overflows or a dimension is not positive.
    public static func byteCount(_ type: PackedType, depth: Int, columns: Int) -> Int? {
        guard columns > 0, let panel = type.panelByteCount(depth: depth) else { return nil }
        let (size, overflow) = panel.multipliedReportingOverflow(by: PackedType.panelCount(columns: columns))
        return overflow ? nil : size
    }

    /// Uses weights that are packed already. Throws ``KernelsError/wrongByteCount(found:rows:columns:)``.
    public init(
        _ storage: any PackedStorage, type: PackedType, depth: Int, columns: Int
    ) throws(KernelsError) {
        var found = 0
        storage.withBytes { found = $0.byteCount }
        guard let size = Self.byteCount(type, depth: depth, columns: columns), size == found,
            let panel = type.panelByteCount(depth: depth)
        else { throw .wrongByteCount(found: found, rows: depth, columns: columns) }
        (self.type, self.depth, self.columns, self.storage) = (type, depth, columns, storage)
        (byteCount, panelByteCount) = (size, panel)
    }

    /// Packs stored weights at any alignment, on all threads of `backend`.
    ///
    /// `read` is called on the calling thread with the range of bytes that will not be read again, so that only part of
    /// a large table need be in memory. Throws ``KernelsError/wrongByteCount(found:rows:columns:)`` and
    /// ``KernelsError/outOfMemory(byteCount:purpose:)``.
    public convenience init(
        _ bytes: RawSpan, type stored: WeightType, layout: WeightLayout, depth: Int, columns: Int,
        as type: PackedType = .f32, backend: Backend, read: (Range<Int>) -> Void = { _ in }
    ) throws(KernelsError) {
        guard depth > 0, columns > 0, bytes.byteCount == storedByteCount(stored, depth, columns) else {
            throw .wrongByteCount(found: bytes.byteCount, rows: depth, columns: columns)
        }
        guard let size = Self.byteCount(type, depth: depth, columns: columns),
            let panel = type.panelByteCount(depth: depth)
        else { throw .outOfMemory(byteCount: nil, purpose: "weights") }
        let memory = try AlignedMemory(floatCount: size / 4, expectedDense: true, purpose: "weights")
        bytes.withUnsafeBytes { source in
            guard let start = source.baseAddress else { return }
            let packing = Packing(
                source: SharedAddress(start), stored: stored, outputMajor: layout == .outputMajor, depth: depth,
                columns: columns)
            let kernels = backend.kernels
            for step in packing.steps {
                backend.team.run(step.count, of: 1, multiplyAdds: depth * step.count * PackedType.panelWidth) { range in
                    let first = step.lowerBound + range.lowerBound
                    packing.pack(
                        as: type, first..<first + range.count, stride: panel,
                        UnsafeMutableRawPointer(memory.floats) + first * panel, kernels)
                }
                read(packing.bytes(of: step))
            }
        }
        try self.init(memory, type: type, depth: depth, columns: columns)
    }

    /// A copy of the weights in memory of its own. Throws ``KernelsError/outOfMemory(byteCount:purpose:)``.
    public func copy() throws(KernelsError) -> PackedMatrix {
        let memory = try AlignedMemory(floatCount: byteCount / 4, expectedDense: true, purpose: "weights")
        withBytes { bytes in
            bytes.withUnsafeBytes {
                UnsafeMutableRawBufferPointer(start: memory.floats, count: byteCount).copyMemory(from: $0)
            }
        }
        return try PackedMatrix(memory, type: type, depth: depth, columns: columns)
    }

    /// Calls `body` with the packed weights, for writing them to a file. Throws what `body` throws.
    public func withBytes<Failure: Error>(_ body: (RawSpan) throws(Failure) -> Void) throws(Failure) {
        var result: Result<Void, Failure> = .success(())
        storage.withBytes { bytes in
            do throws(Failure) { try body(bytes) } catch { result = .failure(error) }
        }
        try result.get()
    }

    var scaleByteCount: Int { type.scaleByteCount(depth: depth) }

    /// Calls `body` with the address of the first panel, which stays valid while this matrix is retained.
    func withPanels(_ body: (SharedAddress) -> Void) {
        storage.withBytes { bytes in
            bytes.withUnsafeBytes { buffer in
                if let start = buffer.baseAddress { body(SharedAddress(start)) }
            }
        }
    }
}

extension AlignedMemory: PackedStorage {
    func withBytes(_ body: (RawSpan) -> Void) {
        body(UnsafeRawBufferPointer(start: floats, count: byteCount).bytes)
    }
}
