import JSON

/// The header of a safetensors file, https://github.com/huggingface/safetensors#format : u64 little-endian length,
/// that many bytes of JSON, then the tensors' data without holes.
struct SafetensorsHeader {
    /// A tensor and where its bytes lie, counted from the start of the file.
    struct Entry {
        let info: TensorInfo
        let range: Range<Int>
    }

    /// The tensors, in the order of their bytes.
    let entries: [Entry]
    /// The free-form strings of `__metadata__`.
    let metadata: [String: String]

    /// Reads the header of `file` and checks that its tensors fill the file exactly.
    init(of file: borrowing ReadOnlyFile) throws(ModelFileError) {
        let path = file.path
        if let reason = damagedDownload(try file.read(at: 0, count: min(256, file.byteCount))) {
            throw .damaged(file: path, reason: reason)
        }
        guard file.byteCount >= 8 else { throw .tooShort(file: path, byteCount: file.byteCount) }
        let length = try file.read(at: 0, count: 8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let available = file.byteCount - 8
        guard length <= UInt64(available) else {
            throw .headerPastEnd(file: path, length: length, available: available)
        }
        guard length <= UInt64(Limits.headerBytes) else {
            throw .tooLong(file: path, length: length, limit: Limits.headerBytes)
        }
        let dataStart = 8 + Int(length)
        let text = try file.read(at: 8, count: Int(length))
        try self.init(parsing: text, file: path, data: dataStart..<file.byteCount)
    }

    private init(parsing text: [UInt8], file: String, data: Range<Int>) throws(ModelFileError) {
        guard text.first == UInt8(ascii: "{") else {
            throw .invalidJSON(file: file, offset: 0, reason: "a header begins with {")
        }
        var reader = JSONReader<ModelFileError>(text, file: file)
        var entries: [Entry] = []
        var metadata: [String: String] = [:]
        // One more than the tensors, for the metadata.
        try reader.readObject(of: "tensors", atMost: Limits.tensors + 1) { (reader, name) throws(ModelFileError) in
            if name == "__metadata__" {
                metadata = try reader.readStrings(of: "names in __metadata__")
            } else {
                entries.append(try Self.readEntry(name, from: &reader, file: file, data: data))
            }
        }
        try reader.finish()
        guard entries.count <= Limits.tensors else {
            throw .tooMany(file: file, what: "tensors", limit: Limits.tensors)
        }
        // Empty tensors come before what begins at the same place.
        entries.sort { ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound) }
        try Self.checkLayout(entries, file: file, data: data)
        self.entries = entries
        self.metadata = metadata
    }

    private static func readEntry(
        _ name: String, from reader: inout JSONReader<ModelFileError>, file: String, data: Range<Int>
    ) throws(ModelFileError) -> Entry {
        var typeName: String?
        var shape: [Int]?
        var offsets: [Int]?
        try reader.readObject(of: "fields in tensor \(quoted(name))") { (reader, field) throws(ModelFileError) in
            switch field {
            case "dtype": typeName = try reader.readString()
            case "shape":
                shape = try readCounts(
                    from: &reader, file: file, what: "dimensions in tensor \(quoted(name))", limit: Limits.dimensions)
            case "data_offsets":
                offsets = try readCounts(
                    from: &reader, file: file, what: "data_offsets in tensor \(quoted(name))", limit: 2)
            default: try reader.skipValue()
            }
        }
        guard let typeName else { throw .missingField(file: file, tensor: name, field: "dtype") }
        guard let shape else { throw .missingField(file: file, tensor: name, field: "shape") }
        guard let offsets, offsets.count == 2 else {
            throw .missingField(file: file, tensor: name, field: "data_offsets of begin and end")
        }
        guard let type = ElementType(rawValue: typeName) else {
            throw .unknownType(file: file, tensor: name, type: typeName)
        }
        let info = try TensorInfo(name: name, type: type, shape: shape, file: file)
        return Entry(info: info, range: try range(of: info, begin: offsets[0], end: offsets[1], data: data))
    }

    private static func readCounts(
        from reader: inout JSONReader<ModelFileError>, file: String, what: @autoclosure () -> String, limit: Int
    ) throws(ModelFileError) -> [Int] {
        var counts: [Int] = []
        try reader.readArray { (reader) throws(ModelFileError) in
            guard counts.count < limit else { throw .tooMany(file: file, what: what(), limit: limit) }
            counts.append(try reader.readCount())
        }
        return counts
    }

    private static func range(
        of info: TensorInfo, begin: Int, end: Int, data: Range<Int>
    ) throws(ModelFileError) -> Range<Int> {
        guard begin <= end, end <= data.count else {
            throw .offsetsOutOfRange(
                file: info.file, tensor: info.name, begin: begin, end: end, available: data.count)
        }
        guard end - begin == info.byteCount else {
            throw .sizeMismatch(
                file: info.file, tensor: info.name, offsetBytes: end - begin, shapeBytes: info.byteCount)
        }
        return data.lowerBound + begin..<data.lowerBound + end
    }

    private static func checkLayout(_ entries: [Entry], file: String, data: Range<Int>) throws(ModelFileError) {
        let start = data.lowerBound
        var end = start
        var last: TensorInfo?
        for entry in entries {
            let (info, range) = (entry.info, entry.range)
            guard range.lowerBound >= end else {
                throw .overlap(
                    file: file, tensor: info.name, begin: range.lowerBound - start, other: last?.name ?? "",
                    otherEnd: end - start)
            }
            guard range.lowerBound == end else {
                throw .gap(file: file, begin: end - start, end: range.lowerBound - start)
            }
            (end, last) = (range.upperBound, info)
        }
        guard end == data.upperBound else { throw .gap(file: file, begin: end - start, end: data.count) }
    }
}
