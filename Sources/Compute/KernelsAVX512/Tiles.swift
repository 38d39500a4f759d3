extension Product {
    @inline(__always)
    func floatTile<Weight: StoredElement>(rows: Int, panels: Int, _: Weight.Type, _ place: Place) {
        switch (panels, rows) {
        case (1, 1): run(Tile<Weight, 1, 1>.self, place)
        case (1, 2): run(Tile<Weight, 2, 1>.self, place)
        case (1, 3): run(Tile<Weight, 3, 1>.self, place)
        case (1, 4): run(Tile<Weight, 4, 1>.self, place)
        case (1, 5): run(Tile<Weight, 5, 1>.self, place)
        case (1, 6): run(Tile<Weight, 6, 1>.self, place)
        case (1, 7): run(Tile<Weight, 7, 1>.self, place)
        case (1, _): run(Tile<Weight, 8, 1>.self, place)
        case (_, 2): run(Tile<Weight, 2, 3>.self, place)
        case (_, 3): run(Tile<Weight, 3, 3>.self, place)
        case (_, 4): run(Tile<Weight, 4, 3>.self, place)
        case (_, 5): run(Tile<Weight, 5, 3>.self, place)
        case (_, 6): run(Tile<Weight, 6, 3>.self, place)
        case (_, 7): run(Tile<Weight, 7, 3>.self, place)
        default: run(Tile<Weight, 8, 3>.self, place)
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
        case 4: run(QuantizedTile<Weights, 4, 1>.self, rows, place)
        case 5: run(QuantizedTile<Weights, 5, 1>.self, rows, place)
        case 6: run(QuantizedTile<Weights, 6, 1>.self, rows, place)
        case 7: run(QuantizedTile<Weights, 7, 1>.self, rows, place)
        case 8: run(QuantizedTile<Weights, 8, 1>.self, rows, place)
        case 9, 10: run(QuantizedTile<Weights, 5, 2>.self, rows, place)
        case 11, 12: run(QuantizedTile<Weights, 6, 2>.self, rows, place)
        case 13, 14: run(QuantizedTile<Weights, 7, 2>.self, rows, place)
        default: run(QuantizedTile<Weights, 8, 2>.self, rows, place)
        }
    }
}
