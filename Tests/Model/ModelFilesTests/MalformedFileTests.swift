import Foundation
import ModelFiles
import Testing

/// A file that is no safetensors file, and what has to be said of it.
struct MalformedFile: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]
    let line: String

    init(_ description: String, _ bytes: [UInt8], _ line: String) {
        (testDescription, self.bytes, self.line) = (description, bytes, line)
    }

    /// A file whose header has one tensor "a" with these fields, and eight bytes of data.
    init(_ description: String, tensor fields: String, _ line: String) {
        self.init(description, safetensors("{\"a\":{\(fields)}}", data: 8), line)
    }

    /// A file whose header is this text, with eight bytes of data.
    init(_ description: String, header: String, _ line: String) {
        self.init(description, safetensors(header, data: 8), line)
    }

    private static func tensor(_ name: String, _ begin: Int, _ end: Int) -> String {
        "\"\(name)\":{\"dtype\":\"U8\",\"shape\":[\(end - begin)],\"data_offsets\":[\(begin),\(end)]}"
    }

    static let files: [MalformedFile] = [
        .init("empty", [], "0 bytes long, a safetensors file begins with the 8 bytes of its header's length"),
        .init("seven bytes", Array(1...7), "7 bytes long, a safetensors file begins with the 8 bytes"),
        .init(
            "length past the end", littleEndian(UInt64(3)) + [123, 125],
            "header length 3 is past the end of the file, 2 "),
        .init(
            "greatest length", littleEndian(UInt64.max) + [123, 125],
            "header length 18446744073709551615 is past the end"),
        .init("no header", littleEndian(UInt64(0)), "byte 0 of the JSON: a header begins with {"),
        .init("no JSON", header: "[]", "byte 0 of the JSON: a header begins with {"),
        .init("white space first", header: " {}", "byte 0 of the JSON: a header begins with {"),
        .init("text after the end", header: "{} {}", "byte 3 of the JSON: text after the end"),
        .init("data of nobody", header: "{}", "bytes 0 to 8 of the data belong to no tensor"),
        .init("no end", header: "{\"a\":", "byte 5 of the JSON: expected {"),
        .init("open name", header: "{\"a", "byte 1 of the JSON: string without end"),
        .init("comma at the end", header: "{\(tensor("a", 0, 8)),}", "expected a string"),
        .init("line break in a name", header: "{\"a\nb\":{}}", "byte 3 of the JSON: control character in a string"),
        .init("unknown escape", header: "{\"\\x\":{}}", "byte 2 of the JSON: unknown escape"),
        .init("half a pair", header: "{\"\\ud800\":{}}", "byte 2 of the JSON: half a surrogate pair"),
        .init("two halves", header: "{\"\\ud800\\ud800\":{}}", "byte 2 of the JSON: half a surrogate pair"),
        .init("short escape", header: "{\"\\u00", "byte 4 of the JSON: expected four hexadecimal digits"),
        .init(
            "not UTF-8", littleEndian(UInt64(5)) + [123, 34, 0xC3, 0x28, 34], "string is not UTF-8"),
        .init("name twice", header: "{\(tensor("a", 0, 4)),\(tensor("a", 4, 8))}", "name \"a\" is there twice"),
        .init(
            "name twice, escaped", header: "{\(tensor("a", 0, 4)),\(tensor("\\u0061", 4, 8))}",
            "name \"a\" is there twice"),
        .init("metadata of numbers", header: "{\"__metadata__\":{\"a\":1}}", "expected a string"),
        .init("tensor that is none", header: "{\"a\":[]}", "byte 5 of the JSON: expected {"),
        .init("no dtype", tensor: "\"shape\":[8],\"data_offsets\":[0,8]", "tensor \"a\" has no dtype"),
        .init("no shape", tensor: "\"dtype\":\"U8\",\"data_offsets\":[0,8]", "tensor \"a\" has no shape"),
        .init(
            "no offsets", tensor: "\"dtype\":\"U8\",\"shape\":[8]", "\"a\" has no data_offsets of begin and end"),
        .init(
            "one offset", tensor: "\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[8]", "has no data_offsets"),
        .init(
            "three offsets", tensor: "\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[0,8,8]",
            "more than 2 data_offsets"),
        .init("dtype twice", tensor: "\"dtype\":\"U8\",\"dtype\":\"U8\"", "name \"dtype\" is there twice"),
        .init(
            "unknown dtype", tensor: "\"dtype\":\"Q4_0\",\"shape\":[8],\"data_offsets\":[0,8]", "unknown dtype \"Q4_0\""
        ),
        .init("dtype a number", tensor: "\"dtype\":8,\"shape\":[8],\"data_offsets\":[0,8]", "expected a string"),
        .init("negative shape", tensor: "\"shape\":[-8]", "byte 15 of the JSON: expected a non-negative integer"),
        .init("fractional shape", tensor: "\"shape\":[8.0]", "expected a non-negative integer of at most 63 bits"),
        .init("exponent", tensor: "\"shape\":[1e3]", "expected a non-negative integer of at most 63 bits"),
        .init("leading zero", tensor: "\"shape\":[08]", "a number with a leading zero"),
        .init(
            "64 bits", tensor: "\"shape\":[9223372036854775808]", "expected a non-negative integer of at most 63 bits"),
        .init("nine dimensions", tensor: "\"shape\":[1,1,1,1,1,1,1,1,8]", "more than 8 dimensions in tensor \"a\""),
        .init(
            "overflowing shape",
            tensor: "\"dtype\":\"U8\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,8]",
            "tensor \"a\": shape [4294967296, 4294967296] of U8 has no valid size in bytes"),
        .init(
            "overflowing bytes", tensor: "\"dtype\":\"F64\",\"shape\":[2305843009213693952],\"data_offsets\":[0,8]",
            "of F64 has no valid size in bytes"),
        .init(
            "half a byte", tensor: "\"dtype\":\"F4\",\"shape\":[15],\"data_offsets\":[0,8]",
            "shape [15] of F4 has no valid size in bytes"),
        .init(
            "offsets past the end", tensor: "\"dtype\":\"U8\",\"shape\":[9],\"data_offsets\":[0,9]",
            "tensor \"a\": data_offsets [0, 9] do not lie in the 8 bytes of data"),
        .init(
            "offsets backwards", tensor: "\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[8,0]",
            "tensor \"a\": data_offsets [8, 0] do not lie in the 8 bytes of data"),
        .init(
            "greatest offsets",
            tensor: "\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[9223372036854775799,9223372036854775807]",
            "do not lie in the 8 bytes of data"),
        .init(
            "another length", tensor: "\"dtype\":\"F16\",\"shape\":[3],\"data_offsets\":[0,8]",
            "tensor \"a\": data_offsets span 8 bytes, shape and dtype take 6"),
        .init(
            "overlap", header: "{\(tensor("a", 0, 5)),\(tensor("b", 4, 8))}",
            "tensor \"b\" begins at 4, before \"a\" ends at 5"),
        .init(
            "the same bytes twice", header: "{\(tensor("a", 0, 8)),\(tensor("b", 0, 8))}",
            "begins at 0, before"),
        .init(
            "hole", header: "{\(tensor("a", 0, 3)),\(tensor("b", 5, 8))}",
            "bytes 3 to 5 of the data belong to no tensor"),
        .init("hole first", header: "{\(tensor("a", 1, 8))}", "bytes 0 to 1 of the data belong to no tensor"),
        .init("hole last", header: "{\(tensor("a", 0, 7))}", "bytes 7 to 8 of the data belong to no tensor"),
        .init("deep nesting", tensor: "\"x\":" + String(repeating: "[", count: 1_000_000), "nested more than 32 deep"),
        .init(
            "deep objects", tensor: "\"x\":" + String(repeating: "{\"a\":", count: 100_000), "nested more than 32"),
        .init("no value", tensor: "\"x\":,", "expected a value"),
        .init("unknown word", tensor: "\"x\":nil", "expected null"),
    ]
}

@Suite("Malformed files")
struct MalformedFileTests {
    @Test("a malformed file is refused in one line that says why", arguments: MalformedFile.files)
    func malformed(_ file: MalformedFile) throws {
        let directory = try TemporaryDirectory()
        try directory.write(file.bytes, to: "model.safetensors")
        let error = #expect(throws: ModelFileError.self) { try Checkpoint(directory: directory.path) }
        let line = try #require(error).description
        #expect(line.hasPrefix(directory.file("model.safetensors") + ": "))
        #expect(line.contains(file.line), "\(line)")
        #expect(!line.contains("\n"))
    }

    @Test("fields and values that the format may get later are passed over")
    func unknownFields() throws {
        let directory = try TemporaryDirectory()
        let more = "\"x\":[1,-2.5e+3,0.1E-2,true,false,null,{\"y\":\"\\u00e4\\ud83d\\ude80\\/\\b\\f\\n\\r\\t\"},[],{}]"
        let header = "{ \"a\" :\t{\"dtype\":\"U8\",\"shape\":[8],\(more),\"data_offsets\":[0,8]}\r\n}  "
        try directory.write(safetensors(header, data: 8), to: "model.safetensors")
        #expect(try Checkpoint(directory: directory.path).bytes(of: "a") == Array(0..<8))
    }

    @Test("a header above the format's limit, and more tensors than the limit, are refused")
    func limits() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("model.safetensors")
        try directory.write(littleEndian(UInt64(100_000_001)), to: "model.safetensors")
        // Sparse: takes no space on the disk.
        #expect(truncate(path, 200_000_000) == 0)
        #expect(throws: ModelFileError.tooLong(file: path, length: 100_000_001, limit: 100_000_000)) {
            try Checkpoint(directory: directory.path)
        }
        func header(count: Int) -> String {
            let fields = "{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}"
            return "{" + (0..<count).map { "\"\($0)\":\(fields)" }.joined(separator: ",") + "}"
        }
        try directory.write(safetensors(header(count: 65_537)), to: "model.safetensors")
        #expect(throws: ModelFileError.tooMany(file: path, what: "tensors", limit: 65_536)) {
            try Checkpoint(directory: directory.path)
        }
        try directory.write(safetensors(header(count: 65_536)), to: "model.safetensors")
        #expect(try Checkpoint(directory: directory.path).tensors.count == 65_536)
    }

    @Test("a directory or a model that is not there, and what is no file, are refused")
    func nothingThere() throws {
        let directory = try TemporaryDirectory()
        #expect(throws: ModelFileError.noModel(directory: directory.path)) {
            try Checkpoint(directory: directory.path)
        }
        #expect(throws: ModelFileError.noDirectory(directory.file("x"))) {
            try Checkpoint(directory: directory.file("x"))
        }
        try directory.write("x", to: "x")
        #expect(throws: ModelFileError.noDirectory(directory.file("x"))) {
            try Checkpoint(directory: directory.file("x"))
        }
        let path = directory.file("model.safetensors")
        #expect(mkfifo(path, 0o600) == 0)
        #expect(throws: ModelFileError.cannotRead(file: path, reason: "it is a named pipe, not a file")) {
            try Checkpoint(directory: directory.path)
        }
    }

    @Test("names from a file are cut and escaped in errors")
    func quoting() {
        let name = "a\nb\u{202E}" + String(repeating: "c", count: 1000)
        let line = ModelFileError.missingTensor(tensor: name, directory: "d").description
        #expect(line == "d: the model has no tensor \"a\\u{a}b\\u{202e}\(String(repeating: "c", count: 96))…\"")
    }
}
