extension Product {
    @inline(__always)
    func floatTile<Weight: StoredElement>(rows: Int, panels: Int, _: Weight.Type, _ place: Place) {
        switch (panels, rows) {
        case (1, 1): run(Tile<Weight, 1, 1>.self, place)
        case (1, 2): run(Tile<Weight, 2, 1>.self, place)
        case (1, 3): run(Tile<Weight, 3, 1>.self, place)
        case (1, 4): run(Tile<Weight, 4, 1>.self, place)
        case (1, 5): run(Tile<Weight, 5, 1>.self, place)
        case (1, _): run(Tile<Weight, 6, 1>.self, place)
        case (_, 1): run(Tile<Weight, 1, 2>.self, place)
        case (_, 2): run(Tile<Weight, 2, 2>.self, place)
        default: run(Tile<Weight, 3, 2>.self, place)
        }
    }
}

extension QuantizedProduct {
    @inline(__always)
    func quantizedTile(rows: Int, _ place: Place) {
        switch rows {
        case 1: run(QuantizedTile<Weights, 1, 1>.self, rows, place)
        case 2: run(QuantizedTile<Weights, 2, 1>.self, rows, place)
        case 3: run(QuantizedTile<Weights, 3, 1>.self, rows, place)
        default: run(QuantizedTile<Weights, 4, 1>.self, rows, place)
        }
    }
}
