// Loads and stores of 16 lanes at any address.

/// The number of lanes that every kernel works on at once.
let laneCount = 16

@inline(__always)
func load(_ pointer: UnsafePointer<Float>) -> SIMD16<Float> {
    UnsafeRawPointer(pointer).loadUnaligned(as: SIMD16<Float>.self)
}

/// The first `count` (1 to 15) values in the lowest lanes, zero in the others.
@inline(__always)
func loadTail(_ pointer: UnsafePointer<Float>, _ count: Int) -> SIMD16<Float> {
    var lanes = SIMD16<Float>.zero
    for i in 0..<count { lanes[i] = pointer[i] }
    return lanes
}

@inline(__always)
func store(_ lanes: SIMD16<Float>, _ pointer: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: lanes, as: SIMD16<Float>.self)
}

/// Stores the lowest `count` (1 to 15) lanes.
@inline(__always)
func storeTail(_ lanes: SIMD16<Float>, _ pointer: UnsafeMutablePointer<Float>, _ count: Int) {
    for i in 0..<count { pointer[i] = lanes[i] }
}

/// Calls `full` with the offset of each 16 values, then, where `count` is not a multiple of 16, `tail` with the offset
/// and number of the rest.
@inline(__always)
func forEachLanes(_ count: Int, full: (_ offset: Int) -> Void, tail: (_ offset: Int, _ count: Int) -> Void) {
    var offset = 0
    while offset &+ laneCount <= count {
        full(offset)
        offset &+= laneCount
    }
    if offset < count { tail(offset, count &- offset) }
}
