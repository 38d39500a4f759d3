import CSIMD

/// The lines of the next group of panels that a tile prefetches into the second-level cache. Without this the first
/// tile to use a weight would wait for memory, and the others would leave memory idle.
struct Lookahead {
    /// The next line of the first panel to prefetch.
    var next: UnsafeRawPointer
    /// Bytes from one panel to the next.
    let panelStride: Int
    /// Lines of each panel to prefetch at a time; 0 for none.
    let linesPerStep: Int

    static func none(_ place: UnsafeRawPointer) -> Lookahead {
        Lookahead(next: place, panelStride: 0, linesPerStep: 0)
    }

    @inline(__always)
    mutating func fetch(panels: Int) {
        for _ in 0..<linesPerStep {
            for p in 0..<panels { csimd_prefetch_l2(next, p &* panelStride) }
            next += 64
        }
    }
}

/// Divides the lines of the next group of panels among the tiles that use the current one.
struct LookaheadPlan {
    let start: UnsafeRawPointer
    let panelStride: Int
    let lines: Int
    let tiles: Int
    /// How many times a tile can prefetch.
    let steps: Int

    /// What tile `index` prefetches.
    @inline(__always)
    func share(of index: Int) -> Lookahead {
        let linesPerStep = (lines &+ tiles &* steps &- 1) / (tiles &* steps)
        let first = index &* steps &* linesPerStep
        guard first < lines else { return .none(start) }
        return Lookahead(next: start + 64 &* first, panelStride: panelStride, linesPerStep: linesPerStep)
    }
}
