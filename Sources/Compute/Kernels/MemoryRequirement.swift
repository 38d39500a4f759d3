/// Throws ``KernelsError/outOfMemory(byteCount:purpose:)`` where the system would not give so much memory now. Matrices
/// trap where there is none: a computation that can be given up asks first.
public func requireMemory(byteCount: Int, purpose: String) throws(KernelsError) {
    // Enough to be mapped, whatever free memory the allocator keeps; it is returned at once, untouched.
    let floats = max(byteCount, 1 << 20) / MemoryLayout<Float>.stride
    _ = try AlignedMemory(floatCount: floats, expectedDense: false, purpose: purpose)
}
