internal import CWire
import Messages

// Swift values from fields of protobuf-c structures. `field` names the field in errors.

func optional<Value>(_ present: protobuf_c_boolean, _ value: Value) -> Value? {
    present != 0 ? value : nil
}

/// A sub-message that has to be there.
func required<C>(_ message: UnsafeMutablePointer<C>?, _ field: String) throws(WireError) -> C {
    guard let message else { throw .missingField(field) }
    return message.pointee
}

/// What is not UTF-8 in a string comes out as U+FFFD; protobuf-c does not look. A string with a NUL inside ends there.
func string(_ text: UnsafeMutablePointer<CChar>?, _ field: String) throws(WireError) -> String {
    guard let string = try optionalString(text, field) else { throw .missingField(field) }
    return string
}

func optionalString(_ text: UnsafeMutablePointer<CChar>?, _ field: String) throws(WireError) -> String? {
    guard let text else { return nil }
    let string = String(cString: text)
    guard string.utf8.count <= WireLimits.stringBytes else {
        throw .stringTooLong(field: field, bytes: string.utf8.count)
    }
    return string
}

func strings(
    _ texts: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ count: Int, _ field: String, limit: Int
) throws(WireError) -> [String] {
    let pointers = try numbers(texts, count, field, limit: limit)
    var strings: [String] = []
    for text in pointers { strings.append(try string(text, field)) }
    return strings
}

func bytes(_ data: ProtobufCBinaryData) -> [UInt8] {
    [UInt8](UnsafeBufferPointer(start: data.data, count: data.data == nil ? 0 : data.len))
}

/// SHA-256, 32 bytes.
func digest(_ data: ProtobufCBinaryData, _ field: String) throws(WireError) -> [UInt8] {
    let digest = bytes(data)
    guard digest.count == 32 else { throw .wrongLength(field: field, bytes: digest.count, expected: 32) }
    return digest
}

func numbers<Number: BitwiseCopyable>(
    _ values: UnsafeMutablePointer<Number>?, _ count: Int, _ field: String, limit: Int = WireLimits.numbers
) throws(WireError) -> [Number] {
    guard count <= limit else { throw .tooMany(field: field, count: count, limit: limit) }
    return [Number](UnsafeBufferPointer(start: values, count: values == nil ? 0 : count))
}

func messages<C, Value>(
    _ list: UnsafeMutablePointer<UnsafeMutablePointer<C>?>?, _ count: Int, _ field: String, limit: Int,
    _ decode: (C) throws(WireError) -> Value
) throws(WireError) -> [Value] {
    var values: [Value] = []
    let pointers = try numbers(list, count, field, limit: limit)
    values.reserveCapacity(pointers.count)
    for pointer in pointers { values.append(try decode(try required(pointer, field))) }
    return values
}

func optionalType(
    _ present: protobuf_c_boolean, _ value: Paceline__ElementType, _ field: String
) throws(WireError) -> TensorType? {
    present == 0 ? nil : try TensorType(decoding: value, field)
}

/// A number of something, and so finite and not negative.
func optionalAmount(
    _ present: protobuf_c_boolean, _ value: Double, _ field: String
) throws(WireError) -> Double? {
    guard present != 0 else { return nil }
    guard value.isFinite, value >= 0 else { throw .inconsistent(field: field, reason: "\(value) is no amount") }
    return value
}

extension RequestPriority {
    init(decoding value: Paceline__Priority, _ field: String) throws(WireError) {
        guard let priority = RequestPriority(rawValue: value.rawValue) else {
            throw .unknownValue(field: field, value: value.rawValue)
        }
        self = priority
    }
}

extension TensorType {
    init(decoding value: Paceline__ElementType, _ field: String) throws(WireError) {
        guard let type = TensorType(rawValue: value.rawValue) else {
            throw .unknownValue(field: field, value: value.rawValue)
        }
        self = type
    }
}
