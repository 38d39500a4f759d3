extension Product {
    @inline(__always)
    func floatTile<Weight: StoredElement>(rows: Int, panels: Int, _: Weight.Type, _ place: Place) {
        switch (panels, rows) {
        case (_, 1): run(Tile<Weight, 1, 1>.self, place)
        default: run(Tile<Weight, 2, 1>.self, place)
        }
    }
}

extension QuantizedProduct {
    @inline(__always)
    func quantizedTile(rows: Int, _ place: Place) {
        switch rows {
        case 1: run(QuantizedTile<Weights, 1, 1>.self, rows, place)
        default: run(QuantizedTile<Weights, 2, 1>.self, rows, place)
        }
    }
}
