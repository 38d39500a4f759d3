// Conversion of stored weights to f32. Addresses need no alignment.

extension StoredElement {
    @inline(__always)
    static func widen(_ source: UnsafeRawPointer, _ destination: UnsafeMutablePointer<Float>, _ count: Int) {
        forEachLanes(count) {
            store(load16(source + $0 &* byteCount), destination + $0)
        } tail: {
            storeTail(loadTail(source + $0 &* byteCount, $1), destination + $0, $1)
        }
    }
}

extension Variant {
    /// Copies `count` f32 values.
    @inline(never)
    public static func widenF32(_ source: UnsafeRawPointer, _ destination: UnsafeMutablePointer<Float>, count: Int) {
        F32.widen(source, destination, count)
    }

    /// Widens `count` f16 values.
    @inline(never)
    public static func widenF16(_ source: UnsafeRawPointer, _ destination: UnsafeMutablePointer<Float>, count: Int) {
        F16.widen(source, destination, count)
    }

    /// Widens `count` bf16 values.
    @inline(never)
    public static func widenBF16(_ source: UnsafeRawPointer, _ destination: UnsafeMutablePointer<Float>, count: Int) {
        BF16.widen(source, destination, count)
    }
}
