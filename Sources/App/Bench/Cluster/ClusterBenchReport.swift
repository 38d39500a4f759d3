/// What a measurement of clusters found; as JSON with names in snake case.
package struct ClusterBenchReport: Encodable, Sendable {
    package let machine = Machine()
    /// Its directory, or its name where the cluster was there already.
    package let model: String
    /// nil where the cluster was there already.
    package internal(set) var threads: Int?
    package internal(set) var localThreads: Int?
    /// Least and greatest length.
    package let prompt: [Int]
    package let decode: [Int]
    package internal(set) var results: [StreamComparison] = []
    package internal(set) var load: LoadReport?

    init(model: String, prompt: ClosedRange<Int>, decode: ClosedRange<Int>) {
        self.model = model
        self.prompt = [prompt.lowerBound, prompt.upperBound]
        self.decode = [decode.lowerBound, decode.upperBound]
    }
}
