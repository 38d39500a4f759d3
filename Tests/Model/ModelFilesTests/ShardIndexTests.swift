import Foundation
import ModelFiles
import Testing

@Suite("Models in several files")
struct ShardIndexTests {
    /// A directory with the tensors a and b in files of their own, and that index.
    private func makeDirectory(index: String) throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        try write([("a", .u8, [2], [1, 2])], to: directory.file("one"))
        try write([("b", .u8, [1], [3])], to: directory.file("two"))
        try directory.write(index, to: "model.safetensors.index.json")
        return directory
    }

    private func error(index: String) throws -> String {
        let directory = try makeDirectory(index: index)
        let error = try #require(
            #expect(throws: ModelFileError.self) { try Checkpoint(directory: directory.path) })
        #expect(error.description.hasPrefix(directory.path + "/"))
        return String(error.description.dropFirst(directory.path.count + 1))
    }

    @Test("tensors of all files are found, each in its own")
    func reading() throws {
        let directory = try makeDirectory(
            index: "{\"metadata\":{\"total_size\":3.0},\"weight_map\":{\"a\":\"one\",\"b\":\"two\"}}")
        let checkpoint = try Checkpoint(directory: directory.path + "/")
        #expect(checkpoint.tensors.map(\.name) == ["a", "b"])
        #expect(checkpoint.tensors.map(\.file) == [directory.file("one"), directory.file("two")])
        #expect(checkpoint.bytes(of: "a") == [1, 2])
        #expect(checkpoint.bytes(of: "b") == [3])
        try write([("c", .u8, [1], [4])], to: directory.file("model.safetensors"))
        #expect(try Checkpoint(directory: directory.path).tensors.map(\.name) == ["c"])
    }

    @Test("an index that names a tensor elsewhere, or a file that is not there, is refused")
    func contradictions() throws {
        #expect(
            try error(index: "{\"weight_map\":{\"a\":\"two\"}}").hasPrefix(
                "model.safetensors.index.json: weight_map: tensor \"a\" is not in /"))
        #expect(try error(index: "{\"weight_map\":{\"a\":\"one\",\"x\":\"one\"}}").contains("tensor \"x\" is not in"))
        #expect(
            try error(index: "{\"weight_map\":{\"a\":\"one\",\"b\":\"three\"}}")
                == "three: cannot be read: No such file or directory")
    }

    @Test("a tensor in two files is refused")
    func duplicates() throws {
        let directory = try makeDirectory(index: "{\"weight_map\":{\"a\":\"one\",\"b\":\"two\"}}")
        try write([("a", .u8, [1], [3]), ("b", .u8, [1], [3])], to: directory.file("two"))
        #expect(
            throws: ModelFileError.duplicateTensor(
                tensor: "a", file: directory.file("two"), other: directory.file("one"))
        ) { try Checkpoint(directory: directory.path) }
    }

    @Test(
        "an index may not lead out of its directory",
        arguments: ["../one", "/etc/passwd", "a/b", "a\\\\b", "..", ".", "", "a\\u0000", "a\\nb"])
    func fileNames(_ name: String) throws {
        #expect(
            try error(index: "{\"weight_map\":{\"a\":\"one\",\"b\":\"\(name)\"}}").hasSuffix("is no plain file name"))
    }

    @Test("an index of another form or size is refused")
    func form() throws {
        let name = "model.safetensors.index.json"
        #expect(try error(index: "") == "\(name): byte 0 of the JSON: expected {; the text ends here, is it cut off?")
        #expect(try error(index: "{}") == "\(name): has no weight_map of tensors")
        #expect(try error(index: "{\"weight_map\":{}}") == "\(name): has no weight_map of tensors")
        #expect(try error(index: "{\"weight_map\":{\"a\":1}}") == "\(name): byte 19 of the JSON: expected a string")
        let twice = "{\"weight_map\":{\"a\":\"one\",\"a\":\"two\"}}"
        #expect(try error(index: twice) == "\(name): byte 28 of the JSON: name \"a\" is there twice")
        let many = (0...1024).map { "\"t\($0)\":\"f\($0)\"" }.joined(separator: ",")
        #expect(try error(index: "{\"weight_map\":{\(many)}}") == "\(name): more than 1024 files in weight_map")
        let large = "{\"x\":\"" + String(repeating: "x", count: 33 << 20) + "\"}"
        #expect(try error(index: large) == "\(name): \(large.utf8.count) bytes of JSON, the limit is \(32 << 20)")
    }
}
