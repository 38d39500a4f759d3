import CSIMD

/// The lines of the next group of panels that a tile fetches into the second-level cache meanwhile: else the first tile
/// to meet a weight would wait for memory, and the others leave the memory idle.
struct Lookahead {
    /// The next line to fetch of the first of the panels.
    var next: UnsafeRawPointer
    /// Bytes from one panel to the next.
    let panelStride: Int
    /// Lines of each panel that are fetched at a time; 0 where nothing is to be fetched.
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

/// How the lines of the next group of panels are shared out among the tiles that pass this one.
struct LookaheadPlan {
    let start: UnsafeRawPointer
    let panelStride: Int
    let lines: Int
    let tiles: Int
    /// Times that a tile can fetch.
    let steps: Int

    /// What tile `index` fetches.
    @inline(__always)
    func share(of index: Int) -> Lookahead {
        let linesPerStep = (lines &+ tiles &* steps &- 1) / (tiles &* steps)
        let first = index &* steps &* linesPerStep
        guard first < lines else { return .none(start) }
        return Lookahead(next: start + 64 &* first, panelStride: panelStride, linesPerStep: linesPerStep)
    }
}
