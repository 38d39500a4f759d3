import Foundation

/// Text from the command line, a file or standard input; always UTF-8, or refused.
package enum InputText {
    /// More than a request may bring, and little enough to read at once.
    package static let maximumBytes = 64 << 20

    /// `-` is standard input.
    /// - Throws: ``UsageError`` that names the file and the first byte that is not UTF-8.
    package static func read(file: String) throws -> [UInt8] {
        let name = file == "-" ? "standard input" : file
        guard let handle = file == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: file) else {
            throw UsageError("\(file): cannot be read")
        }
        var bytes: [UInt8] = []
        while let piece = try piece(of: handle, name), !piece.isEmpty {
            bytes.append(contentsOf: piece)
            guard bytes.count <= maximumBytes else {
                throw UsageError("\(name): has more than \(maximumBytes >> 20) MB")
            }
        }
        try validate(bytes, name: name)
        return bytes
    }

    private static func piece(of handle: FileHandle, _ name: String) throws -> Data? {
        do {
            return try handle.read(upToCount: 1 << 20)
        } catch {
            throw UsageError("\(name): cannot be read")
        }
    }

    /// Swift's own arguments have been repaired; these are as they were given.
    /// - Throws: ``UsageError`` where one is not UTF-8.
    package static func validateArguments() throws {
        for index in 1..<max(1, Int(CommandLine.argc)) {
            guard let argument = CommandLine.unsafeArgv[index] else { continue }
            try validate(
                UnsafeBufferPointer(start: argument, count: strlen(argument)).map { UInt8(bitPattern: $0) },
                name: "argument \(index)")
        }
    }

    package static func validate(_ bytes: [UInt8], name: String) throws {
        if let place = firstInvalidByte(bytes) {
            throw UsageError("\(name): is not UTF-8 at byte \(place); convert it first, for example with iconv")
        }
    }

    /// Offset of the first byte that is no UTF-8, if there is one.
    package static func firstInvalidByte(_ bytes: [UInt8]) -> Int? {
        var decoder = UTF8.ForwardParser()
        var iterator = bytes.makeIterator()
        var offset = 0
        while true {
            switch decoder.parseScalar(from: &iterator) {
            case .valid(let encoded): offset += encoded.count
            case .error: return offset
            case .emptyInput: return nil
            }
        }
    }
}
