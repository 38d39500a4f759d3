/// What a measurement of whole models found; as JSON with names in snake case.
package struct ModelBenchReport: Encodable, Sendable {
    /// Where a part of a batch's time goes.
    package struct Part: Encodable, Sendable {
        package let threads: Int
        package let rows: Int
        package let operation: String
        package let milliseconds: Double
        package let share: Double
    }

    package let machine: Machine
    /// The model's directory.
    package let model: String
    package internal(set) var results: [ModelBench.Result] = []
    package internal(set) var parts: [Part] = []

    init(machine: Machine, model: String) {
        self.machine = machine
        self.model = model
    }
}
