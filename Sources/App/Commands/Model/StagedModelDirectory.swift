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
        try Self.makeDirectories(staging)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: staging)
        // Takes away empty directories only.
        if isNew && !isCommitted { rmdir(directory) }
    }

    /// Copies those of these files that another directory has.
    func copy(_ names: [String], from source: String) throws {
        for name in names {
            let old = ModelDirectory(source).file(name)
            if ModelLocation.isThere(old) { try copyFile(from: old, to: "\(staging)/\(name)") }
        }
    }

    /// Removes the model that was there, then moves the new one in. config.json, without which a directory holds no
    /// model, goes first and comes last.
    func commit() throws {
        let old = try Self.modelFiles(in: directory)
        for name in old.filter({ $0 == Self.configuration }) + old.filter({ $0 != Self.configuration }) {
            guard unlink("\(directory)/\(name)") == 0 else { throw failure("removed", name) }
        }
        let new = try FileManager.default.contentsOfDirectory(atPath: staging)
        for name in new.filter({ $0 != Self.configuration }) + [Self.configuration] {
            guard rename("\(staging)/\(name)", "\(directory)/\(name)") == 0 else { throw failure("moved in", name) }
        }
        isCommitted = true
    }

    private func failure(_ what: String, _ name: String) -> RequestError {
        RequestError("\(directory)/\(name): cannot be \(what): \(systemReason())")
    }
}

extension StagedModelDirectory {
    private static let configuration = "config.json"

    /// Names of a model's files in `directory`, sorted; none where there is no such directory.
    private static func modelFiles(in directory: String) throws -> [String] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: directory) else {
            guard access(directory, R_OK) == 0 else {
                if errno == ENOENT { return [] }
                throw UsageError("\(directory): cannot be read: \(systemReason())")
            }
            throw UsageError("\(directory): is a file; name a directory")
        }
        return names.filter(isModelFile).sorted()
    }

    /// Makes a directory and those that it is in. Throws ``RequestError`` with the system's words.
    private static func makeDirectories(_ path: String) throws {
        guard mkdir(path, 0o777) != 0, errno != EEXIST else { return }
        let parent = URL(fileURLWithPath: path).deletingLastPathComponent().path
        guard errno == ENOENT, parent != path else {
            throw RequestError("\(parent): no directory can be made there: \(systemReason())")
        }
        try makeDirectories(parent)
        guard mkdir(path, 0o777) == 0 || errno == EEXIST else {
            throw RequestError("\(parent): no directory can be made there: \(systemReason())")
        }
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
