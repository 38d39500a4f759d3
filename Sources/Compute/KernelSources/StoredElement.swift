/// A storage type that widens to f32 without rounding.
protocol StoredElement {
    static var byteCount: Int { get }
    /// Sixteen elements at any address.
    static func load16(_ pointer: UnsafeRawPointer) -> SIMD16<Float>
    /// Thirty-two elements at any address: the first sixteen and the other sixteen.
    static func load32(_ pointer: UnsafeRawPointer) -> (SIMD16<Float>, SIMD16<Float>)
    /// Stores sixteen values at any address, rounded to the nearest, ties to even.
    static func store16(_ lanes: SIMD16<Float>, _ pointer: UnsafeMutableRawPointer)
}

enum F32: StoredElement {
    static var byteCount: Int { 4 }

    @inline(__always)
    static func load16(_ pointer: UnsafeRawPointer) -> SIMD16<Float> { pointer.loadUnaligned(as: SIMD16<Float>.self) }

    @inline(__always)
    static func store16(_ lanes: SIMD16<Float>, _ pointer: UnsafeMutableRawPointer) {
        pointer.storeBytes(of: lanes, as: SIMD16<Float>.self)
    }
}

enum F16: StoredElement {
    static var byteCount: Int { 2 }

    @inline(__always)
    static func load16(_ pointer: UnsafeRawPointer) -> SIMD16<Float> { loadF16(pointer) }

    @inline(__always)
    static func load32(_ pointer: UnsafeRawPointer) -> (SIMD16<Float>, SIMD16<Float>) { loadLineOfF16(pointer) }

    @inline(__always)
    static func store16(_ lanes: SIMD16<Float>, _ pointer: UnsafeMutableRawPointer) { storeF16(lanes, pointer) }
}

enum BF16: StoredElement {
    static var byteCount: Int { 2 }

    @inline(__always)
    static func load16(_ pointer: UnsafeRawPointer) -> SIMD16<Float> { loadBF16(pointer) }

    /// The upper halves of the bits after rounding; NaN stays NaN.
    @inline(__always)
    static func store16(_ lanes: SIMD16<Float>, _ pointer: UnsafeMutableRawPointer) {
        let bits = unsafeBitCast(lanes, to: SIMD16<UInt32>.self)
        let odd = (bits &>> SIMD16(repeating: 16)) & SIMD16(repeating: 1)
        let rounded = (bits &+ odd &+ SIMD16(repeating: 0x7FFF)) &>> SIMD16(repeating: 16)
        let quiet = (bits &>> SIMD16(repeating: 16)) | SIMD16(repeating: 0x40)
        let isNaN = (bits & SIMD16(repeating: 0x7FFF_FFFF)) .> SIMD16(repeating: 0x7F80_0000)
        let halves = rounded.replacing(with: quiet, where: isNaN)
        for i in 0..<laneCount {
            pointer.storeBytes(of: UInt16(truncatingIfNeeded: halves[i]), toByteOffset: 2 &* i, as: UInt16.self)
        }
    }
}

extension StoredElement {
    @inline(__always)
    static func load32(_ pointer: UnsafeRawPointer) -> (SIMD16<Float>, SIMD16<Float>) {
        (load16(pointer), load16(pointer + laneCount &* byteCount))
    }

    /// The values as they read back after being stored.
    @inline(__always)
    static func rounded(_ lanes: SIMD16<Float>) -> SIMD16<Float> {
        guard byteCount < F32.byteCount else { return lanes }
        var bytes = SIMD64<UInt8>.zero
        return withUnsafeMutableBytes(of: &bytes) { buffer in
            store16(lanes, buffer.baseAddress!)
            return load16(buffer.baseAddress!)
        }
    }

    /// The first `count` (1 to 15) elements, zero in the other lanes.
    @inline(__always)
    static func loadTail(_ pointer: UnsafeRawPointer, _ count: Int) -> SIMD16<Float> {
        var bytes = SIMD64<UInt8>.zero
        return withUnsafeMutableBytes(of: &bytes) { buffer in
            buffer.copyMemory(from: UnsafeRawBufferPointer(start: pointer, count: count &* byteCount))
            return load16(UnsafeRawPointer(buffer.baseAddress!))
        }
    }

    /// Up to sixteen elements; zero in the lanes past `count`.
    @inline(__always)
    static func load(_ pointer: UnsafeRawPointer, upTo count: Int) -> SIMD16<Float> {
        count >= laneCount ? load16(pointer) : loadTail(pointer, count)
    }
}
