/// Why kernels cannot run or memory cannot be had. The description is one line.
public enum KernelsError: Error, Equatable, CustomStringConvertible {
    /// The processor lacks instructions that the kernels are compiled for.
    case unsupportedProcessor(missing: [String])
    /// The system gave no memory; `byteCount` is nil where the size is beyond counting.
    case outOfMemory(byteCount: Int?, purpose: String)
    /// Bytes that are not as many as the shape needs.
    case wrongByteCount(found: Int, rows: Int, columns: Int)
    /// The system started no thread.
    case noThread(reason: String)

    public var description: String {
        switch self {
        case .unsupportedProcessor(let missing):
            "this processor lacks \(missing.joined(separator: ", ")): paceline needs an x86-64 processor with AVX2, FMA "
                + "and F16C (Intel since 2013, AMD since 2015)"
        case .outOfMemory(let byteCount?, let purpose): "no memory for \(purpose): \(byteCount) bytes"
        case .outOfMemory(nil, let purpose): "no memory for \(purpose): more bytes than can be addressed"
        case .wrongByteCount(let found, let rows, let columns):
            "\(found) bytes for a matrix of \(rows) rows and \(columns) columns"
        case .noThread(let reason): "cannot start a thread: \(reason)"
        }
    }
}
