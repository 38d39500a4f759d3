import GPT2
import InProcess
import Kernels
import ModelFiles

/// Measures a whole model with several numbers of threads, lengths of prompts and numbers of sequences.
package struct ModelBenchRun: Sendable {
    /// Which batch's time is taken apart.
    package enum Breakdown: String, CaseIterable, Sendable {
        case prefill, decode
    }

    /// What goes through the model.
    package struct Work: Sendable {
        /// Lengths of prompts, in tokens.
        package let prompts: [Int]
        /// Tokens that are sampled after a prompt.
        package let decode: Int
        /// Numbers of sequences at once.
        package let batches: [Int]
        /// nil: rates are measured.
        package let breakdown: Breakdown?

        package init(prompts: [Int], decode: Int, batches: [Int], breakdown: Breakdown?) {
            (self.prompts, self.decode, self.batches, self.breakdown) = (prompts, decode, batches, breakdown)
        }

        /// Positions of the longest sequence.
        var longest: Int { (prompts.max() ?? 1) + (breakdown == nil ? decode : 1) }
    }

    private let work: Work
    private let threads: [Int]
    private let runs: Int
    private let isQuick: Bool
    private let progress: ProgressStart

    /// - Parameters:
    ///   - threads: numbers of threads.
    ///   - runs: of each measurement, of which the median counts.
    ///   - isQuick: small buffers and short runs; the figures mean nothing.
    package init(
        _ work: Work, threads: [Int], runs: Int, isQuick: Bool, progress: @escaping ProgressStart
    ) {
        (self.work, self.threads, self.runs, self.isQuick) = (work, threads, runs, isQuick)
        self.progress = progress
    }

    /// - Throws: ``BenchError`` where the work does not fit the model, what loading and computing throw.
    package func measure(_ model: LocalModel, _ types: ModelTypes, directory: String) throws -> ModelBenchReport {
        guard work.longest <= model.configuration.contextLength else {
            throw BenchError.doesNotFit(
                "\(work.longest) positions of prompt and answer: the model has \(model.configuration.contextLength)")
        }
        let machine = Machine()
        var report = ModelBenchReport(machine: machine, model: directory)
        for threads in threads {
            let backend = try Backend(threadCount: threads)
            let stage = try load(model, types, backend)
            if let breakdown = work.breakdown {
                for shape in shapes(breakdown) { report.parts += try parts(stage, threads: threads, shape) }
            } else {
                let limits = try LimitRuns(backend: backend, machine: machine, quick: isQuick)
                report.results += try results(ModelBench(stage: stage, limits: limits, threads: threads, runs: runs))
            }
        }
        return report
    }

    private func load(_ model: LocalModel, _ types: ModelTypes, _ backend: Backend) throws -> PipelineStage {
        let bar = progress("loading")
        defer { bar.finish() }
        return try PipelineStage(
            configuration: model.configuration, files: model.weights,
            layers: 0..<model.configuration.layerCount,
            blockCount: (work.batches.max() ?? 1) * ModelBench.blocks(positions: work.longest),
            weights: types.weights, cache: types.cache, backend: backend
        ) { bar.update($0, of: $1) }
    }

    private func results(_ bench: ModelBench) throws -> [ModelBench.Result] {
        let bar = progress("measuring")
        defer { bar.finish() }
        var results: [ModelBench.Result] = []
        for prompt in work.prompts {
            for batch in work.batches {
                bar.update(results.count, of: work.prompts.count * work.batches.count)
                results.append(try bench.measure(prompt: prompt, decode: work.decode, batch: batch))
            }
        }
        return results
    }

    private func shapes(_ breakdown: Breakdown) -> [PipelineStage.BatchShape] {
        work.prompts.flatMap { prompt -> [PipelineStage.BatchShape] in
            switch breakdown {
            case .prefill: [.init(sequences: 1, start: 0, rowsPerSequence: prompt)]
            case .decode: work.batches.map { .init(sequences: $0, start: prompt, rowsPerSequence: 1) }
            }
        }
    }

    private func parts(
        _ stage: PipelineStage, threads: Int, _ shape: PipelineStage.BatchShape
    ) throws -> [ModelBenchReport.Part] {
        let parts = try stage.breakdown(shape, repetitions: runs)
        let total = parts.reduce(0) { $0 + $1.milliseconds }
        return parts.map { part in
            ModelBenchReport.Part(
                threads: threads, rows: shape.rows, operation: part.operation, milliseconds: part.milliseconds,
                share: part.milliseconds / total)
        }
    }
}
