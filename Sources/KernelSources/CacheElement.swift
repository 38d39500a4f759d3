/// How the KV cache stores a number.
protocol CacheElement {
    static var byteCount: Int { get }
    /// Sixteen numbers at any address.
    static func load(_ pointer: UnsafeRawPointer) -> SIMD16<Float>
    /// Stores sixteen numbers at any address, rounded to the nearest.
    static func store(_ lanes: SIMD16<Float>, _ pointer: UnsafeMutableRawPointer)
    /// `count` numbers, a multiple of 16, as floats: where they are if they are floats already, else in `room`.
    static func widened(
        _ pointer: UnsafeRawPointer, count: Int, _ room: UnsafeMutablePointer<Float>
    ) -> UnsafeRawPointer
}

enum SinglePrecision: CacheElement {
    @inline(__always)
    static var byteCount: Int { 4 }

    @inline(__always)
    static func load(_ pointer: UnsafeRawPointer) -> SIMD16<Float> { pointer.loadUnaligned(as: SIMD16<Float>.self) }

    @inline(__always)
    static func store(_ lanes: SIMD16<Float>, _ pointer: UnsafeMutableRawPointer) {
        pointer.storeBytes(of: lanes, as: SIMD16<Float>.self)
    }

    @inline(__always)
    static func widened(
        _ pointer: UnsafeRawPointer, count: Int, _ room: UnsafeMutablePointer<Float>
    ) -> UnsafeRawPointer { pointer }
}

enum HalfPrecision: CacheElement {
    @inline(__always)
    static var byteCount: Int { 2 }

    @inline(__always)
    static func load(_ pointer: UnsafeRawPointer) -> SIMD16<Float> { loadF16(pointer) }

    @inline(__always)
    static func store(_ lanes: SIMD16<Float>, _ pointer: UnsafeMutableRawPointer) { storeF16(lanes, pointer) }

    @inline(__always)
    static func widened(
        _ pointer: UnsafeRawPointer, count: Int, _ room: UnsafeMutablePointer<Float>
    ) -> UnsafeRawPointer {
        var index = 0
        while index < count {
            SinglePrecision.store(loadF16(pointer + index &* 2), room + index)
            index &+= laneCount
        }
        return UnsafeRawPointer(room)
    }
}

/// The blocks of one sequence in one layer: 16 positions each and, for each head, keys [width][16 positions], then values
/// [16 positions][width, filled up to a multiple of 16].
struct HeadBlocks<Element: CacheElement> {
    /// Block 0 of the layer.
    let base: UnsafeRawPointer
    /// Bytes from one block to the next.
    let stride: Int
    let table: UnsafePointer<Int32>
    let width: Int
    let head: Int

    @inline(__always)
    var paddedWidth: Int { (width &+ laneCount &- 1) & ~(laneCount &- 1) }

    @inline(__always)
    var nextHead: HeadBlocks { HeadBlocks(base: base, stride: stride, table: table, width: width, head: head &+ 1) }

    /// The keys of the sequence's block `index`.
    @inline(__always)
    func keys(_ index: Int) -> UnsafeRawPointer {
        let headStride = (width &+ paddedWidth) &* laneCount &* Element.byteCount
        return base + (Int(table[index]) &* stride &+ head &* headStride)
    }

    /// The values of the sequence's block `index`.
    @inline(__always)
    func values(_ index: Int) -> UnsafeRawPointer { keys(index) + width &* laneCount &* Element.byteCount }
}
