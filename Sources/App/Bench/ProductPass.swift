import Kernels

/// Products of the same input with some matrices of weights, one after another.
struct ProductPass {
    private let backend: Backend
    private let weights: [PackedMatrix]
    private let input: ProductInput
    private let output: Matrix

    /// The matrices are all of one shape.
    init(backend: Backend, weights: [PackedMatrix], rows: Int) {
        (self.backend, self.weights) = (backend, weights)
        input = ProductInput(rows: rows, depth: weights[0].depth, for: weights[0].type, from: MatrixPool())
        output = Matrix(rows: rows, columns: weights[0].columns)
        input.values.withMutableValues { values in
            for index in values.indices { values[index] = Float(index &* 7_919 % 1_024) / 512 - 1 }
        }
    }

    /// Seconds of a product: goes through all matrices once, and again until it has taken that long.
    func seconds(lasting duration: Duration) -> Double {
        let clock = ContinuousClock()
        let began = clock.now
        var time = Duration.zero
        var passes = 0
        repeat {
            for matrix in weights {
                backend.quantize(input)
                backend.multiply(input, by: matrix, bias: nil, into: output)
            }
            passes += 1
            time = clock.now - began
        } while time < duration
        return time / .seconds(1) / Double(passes * weights.count)
    }
}
