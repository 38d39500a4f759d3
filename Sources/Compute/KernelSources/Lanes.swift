// Loads and stores of 16 lanes at any address.

/// The number of lanes that every kernel works on at once.
let laneCount = 16

@inline(__always)
func load(_ pointer: UnsafePointer<Float>) -> SIMD16<Float> {
    UnsafeRawPointer(pointer).loadUnaligned(as: SIMD16<Float>.self)
}

@inline(__always)
func store(_ lanes: SIMD16<Float>, _ pointer: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: lanes, as: SIMD16<Float>.self)
}

/// Calls `full` with the offset of each 16 values. If `count` is not a multiple of 16, calls `tail` with the offset and
/// number of the remaining ones.
@inline(__always)
func forEachLanes(_ count: Int, full: (_ offset: Int) -> Void, tail: (_ offset: Int, _ count: Int) -> Void) {
    var offset = 0
    while offset &+ laneCount <= count {
        full(offset)
        offset &+= laneCount
    }
    if offset < count { tail(offset, count &- offset) }
}
