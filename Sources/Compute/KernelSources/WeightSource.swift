/// A stored weight matrix, as packing reads it.
struct WeightSource<Stored: StoredElement> {
    let start: UnsafeRawPointer
    let depth: Int
    let columns: Int
    /// Stored as [columns, depth] rather than [depth, columns].
    let outputMajor: Bool

    /// Widens `count` values of depth from `k` on of one panel into `strip` [count][16], with zeros past the last
    /// column or depth.
    @inline(__always)
    func load(panel: Int, from k: Int, count: Int, into strip: UnsafeMutablePointer<Float>) {
        let end = min(depth, k &+ count)
        if outputMajor {
            loadOutputMajor(panel, k..<end, strip)
        } else {
            let width = min(laneCount, columns &- panel &* laneCount)
            for row in k..<end {
                let from = start + (row &* columns &+ panel &* laneCount) &* Stored.byteCount
                store(Stored.load(from, upTo: width), strip + (row &- k) &* laneCount)
            }
        }
        let filled = end &- k
        (strip + filled &* laneCount).update(repeating: 0, count: (count &- filled) &* laneCount)
    }

    @inline(__always)
    private func loadOutputMajor(_ panel: Int, _ range: Range<Int>, _ strip: UnsafeMutablePointer<Float>) {
        for lane in 0..<laneCount {
            let column = panel &* laneCount &+ lane
            if column >= columns {
                for i in 0..<range.count { strip[i &* laneCount &+ lane] = 0 }
                continue
            }
            let from = start + (column &* depth &+ range.lowerBound) &* Stored.byteCount
            var i = 0
            while i < range.count {
                let count = min(laneCount, range.count &- i)
                let values = Stored.load(from + i &* Stored.byteCount, upTo: count)
                for j in 0..<count { strip[(i &+ j) &* laneCount &+ lane] = values[j] }
                i &+= laneCount
            }
        }
    }
}
