import Console
import Embedded
import Foundation
import ModelFiles
import Sessions

/// A model's directory in the making. Its files are written into a directory inside of it and moved out of there when
/// all of them are whole; where that never happens, nothing is left.
final class StagedModelDirectory {
    /// Where files are to be written.
    let staging: String
    private let directory: String
    private let isNew: Bool
    private var isCommitted = false

    /// Weights come with a header, a configuration and a vocabulary.
    private static let overhead = 8 << 20

    /// Makes what is missing of `directory` for a model of `byteCount` bytes. Throws ``UsageError`` where there is a
    /// model already and it is not `replacing` it, ``RequestError`` where the disk is too full or cannot be written.
    init(_ directory: String, byteCount: Int, replacing: Bool) throws {
        if let file = try Self.modelFiles(in: directory).first, !replacing {
            throw UsageError("\(directory): holds a model already (\(file)); --force replaces it")
        }
        try Self.checkFreeSpace(for: byteCount + Self.overhead, in: directory)
        isNew = !FileManager.default.fileExists(atPath: directory)
        self.directory = directory
        staging = directory + "/.paceline-\(String(UInt64.random(in: 0 ... .max), radix: 36)).tmp"
        do {
            try FileManager.default.createDirectory(atPath: staging, withIntermediateDirectories: true)
        } catch {
            throw RequestError("\(directory): no directory can be made there: \(error.localizedDescription)")
        }
    }

    deinit {
        try? FileManager.default.removeItem(atPath: staging)
        // Takes away empty directories only.
        if isNew && !isCommitted { rmdir(directory) }
    }

    /// Copies those of these files that another directory has.
    func copy(_ names: [String], from source: String) throws {
        for name in names {
            let (old, new) = (ModelDirectory(source).file(name), "\(staging)/\(name)")
            guard ModelLocation.isThere(old) else { continue }
            try perform("copied", name) {
                if let file = EmbeddedFiles.file(old) {
                    try Data(file.bytes).write(to: URL(fileURLWithPath: new))
                } else {
                    try FileManager.default.copyItem(atPath: old, toPath: new)
                }
            }
        }
    }

    /// Removes the model that was there, then moves the new one in. config.json, without which a directory holds no
    /// model, goes first and comes last.
    func commit() throws {
        let files = FileManager.default
        let old = try Self.modelFiles(in: directory)
        for name in old where name == Self.configuration { try remove(name) }
        for name in old where name != Self.configuration { try remove(name) }
        let new = try files.contentsOfDirectory(atPath: staging)
        for name in new.filter({ $0 != Self.configuration }) + [Self.configuration] {
            try perform("moved", name) {
                try files.moveItem(atPath: "\(staging)/\(name)", toPath: "\(directory)/\(name)")
            }
        }
        isCommitted = true
    }

    private func remove(_ name: String) throws {
        try perform("removed", name) { try FileManager.default.removeItem(atPath: "\(directory)/\(name)") }
    }

    private func perform(_ what: String, _ name: String, _ body: () throws -> Void) throws {
        do {
            try body()
        } catch {
            throw RequestError("\(directory)/\(name): cannot be \(what): \(error.localizedDescription)")
        }
    }
}

extension StagedModelDirectory {
    private static let configuration = "config.json"

    /// Names of a model's files in `directory`, sorted; none where there is no such directory.
    private static func modelFiles(in directory: String) throws -> [String] {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: directory, isDirectory: &isDirectory) else { return [] }
        guard isDirectory.boolValue, let names = try? FileManager.default.contentsOfDirectory(atPath: directory) else {
            throw UsageError("\(directory): is no directory, or cannot be read")
        }
        return names.filter(isModelFile).sorted()
    }

    private static func isModelFile(_ name: String) -> Bool {
        let names = [
            configuration, ModelDirectory.FileName.generation, ModelDirectory.FileName.weights,
            ModelDirectory.FileName.weightIndex, ModelDirectory.FileName.digests,
        ]
        return (names + ModelDirectory.FileName.tokenizer).contains(name)
            || (name.hasPrefix("model-") && name.hasSuffix(".safetensors"))
    }

    /// Asks the file system of the nearest directory that is there.
    private static func checkFreeSpace(for byteCount: Int, in directory: String) throws {
        var place = URL(fileURLWithPath: directory).standardizedFileURL
        while place.path != "/", !FileManager.default.fileExists(atPath: place.path) { place.deleteLastPathComponent() }
        var status = statvfs()
        guard statvfs(place.path, &status) == 0 else { return }
        let free = Int(clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).0)
        guard free >= byteCount else {
            throw RequestError(
                "\(directory): the model takes \(ByteCountText.text(byteCount)), and only \(ByteCountText.text(free)) are "
                    + "free there")
        }
    }
}
