/// Why kernels cannot run or memory is unavailable. The description is one line.
public enum KernelsError: Error, Equatable, CustomStringConvertible {
    /// PACELINE_ISA names no variant of the kernels.
    case unknownInstructionSet(String)
    /// PACELINE_ISA names a variant that needs instructions this processor lacks.
    case unsupportedProcessor(String, missing: [String])
    /// The system has no memory; `byteCount` is nil where the size overflows.
    case outOfMemory(byteCount: Int?, purpose: String)
    /// The number of bytes does not match the shape.
    case wrongByteCount(found: Int, rows: Int, columns: Int)
    /// The system could not start a thread.
    case noThread(reason: String)

    public var description: String {
        switch self {
        case .unknownInstructionSet(let name):
            "PACELINE_ISA is \(name.debugDescription): it can be "
                + InstructionSet.allCases.map(\.rawValue).joined(separator: ", ")
        case .unsupportedProcessor(let name, let missing):
            "PACELINE_ISA is \(name), and this processor lacks \(missing.joined(separator: ", ")): without "
                + "PACELINE_ISA the fastest that it can run is taken, here "
                + (InstructionSet.supported.last ?? .portable).rawValue
        case .outOfMemory(let byteCount?, let purpose): "no memory for \(purpose): \(byteCount) bytes"
        case .outOfMemory(nil, let purpose): "no memory for \(purpose): more bytes than can be addressed"
        case .wrongByteCount(let found, let rows, let columns):
            "\(found) bytes for a matrix of \(rows) rows and \(columns) columns"
        case .noThread(let reason): "cannot start a thread: \(reason)"
        }
    }
}
