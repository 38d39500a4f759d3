import ArgumentParser
import Console
import Foundation
import ModelFiles
import Supervisor

/// Where a coordinator writes its addresses.
struct EndpointsFileOption: ParsableArguments {
    @Option(
        name: .long,
        help: .init("Write where it listens to this file, as JSON, once it does.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var endpointsFile: String?

    /// Sees that the file can be written, and leaves nothing there. Throws ``UsageError``.
    func check() throws { _ = try endpointsFile.map { try outputFile($0, of: "--endpoints-file") } }
}

/// A file to be written later, begun now so that nobody waits for results that cannot be kept.
/// - Throws: ``UsageError`` that names the option and says why.
func outputFile(_ path: String, of option: String) throws -> AtomicFile {
    var isDirectory: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue {
        throw UsageError("\(option) \(path): is a directory; name a file in it")
    }
    do throws(ModelFileError) {
        return try AtomicFile(path: path)
    } catch {
        guard case .cannotWrite(let file, let reason) = error else { throw error }
        throw UsageError("\(option) \(file): \(reason)")
    }
}
