internal import CWire
import Messages

// Fields of protobuf-c structures from Swift values. The pairs are the presence flag or count, and the value.

extension MessageArena {
    /// A structure with its defaults, then filled in.
    func message<C>(
        _ initialize: (UnsafeMutablePointer<C>?) -> Void, _ fill: (inout C) -> Void = { _ in }
    ) -> UnsafeMutablePointer<C> {
        let message = array(of: C.self, count: 1)
        initialize(message)
        fill(&message.pointee)
        return message
    }

    /// C's strings end at the first NUL, and so does one that holds a NUL when it is sent.
    func string(_ text: String) -> UnsafeMutablePointer<CChar> {
        let bytes = text.utf8
        let string = array(of: CChar.self, count: bytes.count + 1)
        for (offset, byte) in bytes.enumerated() { (string + offset).initialize(to: CChar(bitPattern: byte)) }
        (string + bytes.count).initialize(to: 0)
        return string
    }

    func string(_ text: String?) -> UnsafeMutablePointer<CChar>? {
        text.map { string($0) }
    }

    func bytes(_ bytes: [UInt8]) -> ProtobufCBinaryData {
        let (count, data) = numbers(bytes)
        return ProtobufCBinaryData(len: count, data: data)
    }

    func strings(_ texts: [String]) -> (Int, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) {
        numbers(texts.map { Optional(string($0)) })
    }

    func byteStrings(_ strings: [[UInt8]]) -> (Int, UnsafeMutablePointer<ProtobufCBinaryData>) {
        numbers(strings.map { bytes($0) })
    }

    func numbers<Element: BitwiseCopyable>(_ values: [Element]) -> (Int, UnsafeMutablePointer<Element>) {
        let array = array(of: Element.self, count: values.count)
        for (offset, value) in values.enumerated() { (array + offset).initialize(to: value) }
        return (values.count, array)
    }

    func messages<Value, C>(
        _ values: [Value], _ encode: (Value) -> UnsafeMutablePointer<C>
    ) -> (Int, UnsafeMutablePointer<UnsafeMutablePointer<C>?>) {
        numbers(values.map { Optional(encode($0)) })
    }

    private func array<Element>(of type: Element.Type, count: Int) -> UnsafeMutablePointer<Element> {
        guard let memory = allocate(bytes: count * MemoryLayout<Element>.stride) else {
            preconditionFailure("an arena for encoding has no budget")
        }
        return memory.bindMemory(to: type, capacity: count)
    }
}

func optional<Number: Numeric>(_ value: Number?) -> (protobuf_c_boolean, Number) {
    (value == nil ? 0 : 1, value ?? 0)
}

/// A number that is left out where it is the default.
func optional<Number: Numeric>(_ value: Number, default standard: Number) -> (protobuf_c_boolean, Number) {
    (value == standard ? 0 : 1, value)
}

/// A flag that is left out where it is false.
func flag(_ value: Bool) -> (protobuf_c_boolean, protobuf_c_boolean) {
    (boolean(value), boolean(value))
}

func boolean(_ value: Bool) -> protobuf_c_boolean {
    value ? 1 : 0
}

func optional(_ type: TensorType?) -> (protobuf_c_boolean, Paceline__ElementType) {
    (type == nil ? 0 : 1, (type ?? .f32).encoded)
}

/// A priority that is left out where it is the default.
func optional(_ priority: RequestPriority) -> (protobuf_c_boolean, Paceline__Priority) {
    (boolean(priority != .normal), Paceline__Priority(priority.rawValue))
}

extension TensorType {
    var encoded: Paceline__ElementType { Paceline__ElementType(rawValue) }
}
