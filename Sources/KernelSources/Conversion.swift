// Weights of any type to f32, in order or into panels. Addresses need no alignment.

/// A type of stored numbers that can be widened to f32 without rounding.
private protocol StoredElement {
    static var byteCount: Int { get }
    static func load16(_ pointer: UnsafeRawPointer) -> SIMD16<Float>
}

private enum F32: StoredElement {
    static var byteCount: Int { 4 }

    @inline(__always)
    static func load16(_ pointer: UnsafeRawPointer) -> SIMD16<Float> {
        pointer.loadUnaligned(as: SIMD16<Float>.self)
    }
}

private enum F16: StoredElement {
    static var byteCount: Int { 2 }

    @inline(__always)
    static func load16(_ pointer: UnsafeRawPointer) -> SIMD16<Float> {
        loadF16(pointer)
    }
}

private enum BF16: StoredElement {
    static var byteCount: Int { 2 }

    @inline(__always)
    static func load16(_ pointer: UnsafeRawPointer) -> SIMD16<Float> {
        loadBF16(pointer)
    }
}

/// Which panels of a weight matrix to pack.
private struct PanelRange {
    let depth: Int
    let columns: Int
    let panels: Range<Int>
}

extension StoredElement {
    /// The first `count` (1 to 15) elements, zero in the other lanes.
    @inline(__always)
    static func loadTail(_ pointer: UnsafeRawPointer, _ count: Int) -> SIMD16<Float> {
        var bytes = SIMD64<UInt8>.zero
        return withUnsafeMutableBytes(of: &bytes) { buffer in
            buffer.copyMemory(from: UnsafeRawBufferPointer(start: pointer, count: count &* byteCount))
            return load16(UnsafeRawPointer(buffer.baseAddress!))
        }
    }

    @inline(__always)
    static func widen(_ source: UnsafeRawPointer, _ destination: UnsafeMutablePointer<Float>, _ count: Int) {
        forEachLanes(count) {
            store(load16(source + $0 &* byteCount), destination + $0)
        } tail: {
            storeTail(loadTail(source + $0 &* byteCount, $1), destination + $0, $1)
        }
    }

    /// Panels of a matrix stored as [depth, columns].
    @inline(__always)
    static func packInputMajor(
        _ source: UnsafeRawPointer, _ shape: PanelRange, _ destination: UnsafeMutablePointer<Float>
    ) {
        for panel in shape.panels {
            let count = min(laneCount, shape.columns &- panel &* laneCount)
            for k in 0..<shape.depth {
                let from = source + (k &* shape.columns &+ panel &* laneCount) &* byteCount
                let to = destination + ((panel &- shape.panels.lowerBound) &* shape.depth &+ k) &* laneCount
                store(count == laneCount ? load16(from) : loadTail(from, count), to)
            }
        }
    }

    /// Panels of a matrix stored as [columns, depth].
    @inline(__always)
    static func packOutputMajor(
        _ source: UnsafeRawPointer, _ shape: PanelRange, _ destination: UnsafeMutablePointer<Float>
    ) {
        for panel in shape.panels {
            let to = destination + (panel &- shape.panels.lowerBound) &* shape.depth &* laneCount
            for lane in 0..<laneCount {
                let column = panel &* laneCount &+ lane
                if column >= shape.columns {
                    for k in 0..<shape.depth { to[k &* laneCount &+ lane] = 0 }
                    continue
                }
                let from = source + column &* shape.depth &* byteCount
                forEachLanes(shape.depth) { k in
                    let values = load16(from + k &* byteCount)
                    for i in 0..<laneCount { to[(k &+ i) &* laneCount &+ lane] = values[i] }
                } tail: { k, count in
                    let values = loadTail(from + k &* byteCount, count)
                    for i in 0..<count { to[(k &+ i) &* laneCount &+ lane] = values[i] }
                }
            }
        }
    }

    @inline(__always)
    static func pack(
        _ source: UnsafeRawPointer, _ shape: PanelRange, outputMajor: Bool,
        _ destination: UnsafeMutablePointer<Float>
    ) {
        if outputMajor {
            packOutputMajor(source, shape, destination)
        } else {
            packInputMajor(source, shape, destination)
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

    /// Packs panels of an f32 matrix, stored as [columns, depth] if `outputMajor`, else [depth, columns], into `destination`,
    /// which begins with the first of them; lanes past the last column are zero.
    @inline(never)
    public static func packPanelsF32(
        _ source: UnsafeRawPointer, depth: Int, columns: Int, panels: Range<Int>, outputMajor: Bool,
        _ destination: UnsafeMutablePointer<Float>
    ) {
        let shape = PanelRange(depth: depth, columns: columns, panels: panels)
        F32.pack(source, shape, outputMajor: outputMajor, destination)
    }

    /// Packs panels of an f16 matrix, as `packPanelsF32` does.
    @inline(never)
    public static func packPanelsF16(
        _ source: UnsafeRawPointer, depth: Int, columns: Int, panels: Range<Int>, outputMajor: Bool,
        _ destination: UnsafeMutablePointer<Float>
    ) {
        let shape = PanelRange(depth: depth, columns: columns, panels: panels)
        F16.pack(source, shape, outputMajor: outputMajor, destination)
    }

    /// Packs panels of a bf16 matrix, as `packPanelsF32` does.
    @inline(never)
    public static func packPanelsBF16(
        _ source: UnsafeRawPointer, depth: Int, columns: Int, panels: Range<Int>, outputMajor: Bool,
        _ destination: UnsafeMutablePointer<Float>
    ) {
        let shape = PanelRange(depth: depth, columns: columns, panels: panels)
        BF16.pack(source, shape, outputMajor: outputMajor, destination)
    }
}
