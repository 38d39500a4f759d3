/// What a model computes with: a team of threads and the kernels of one instruction set.
///
/// Its operations are methods, in one file for each subject: matrix products, attention, layer norm, operations on
/// rows. One thread calls an operation, takes part in the work and returns when all of it is done. Results do not
/// depend on the number of threads or on the instruction set.
public final class Backend: Sendable {
    /// The threads that share the work of an operation.
    public let team: ThreadTeam
    /// Chosen once; each part of an operation dispatches through it once.
    let kernels: any KernelSet.Type

    /// Starts the threads and selects the kernels of this process. Throws ``KernelsError/noThread(reason:)``.
    public convenience init(threadCount: Int = ProcessorCount.available()) throws(KernelsError) {
        try self.init(team: ThreadTeam(threadCount: threadCount), kernels: Processor.kernels)
    }

    /// The same with the kernels of a given variant, which this processor must support, for comparing variants.
    package convenience init(threadCount: Int, instructionSet: InstructionSet) throws(KernelsError) {
        precondition(instructionSet.missing.isEmpty, "a variant that this processor cannot run")
        try self.init(team: ThreadTeam(threadCount: threadCount), kernels: instructionSet.kernels)
    }

    private init(team: ThreadTeam, kernels: any KernelSet.Type) {
        (self.team, self.kernels) = (team, kernels)
    }

    /// Number of threads, the caller's included.
    public var threadCount: Int { team.threadCount }
}
