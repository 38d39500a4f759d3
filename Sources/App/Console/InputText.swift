import Foundation

/// Text from the command line, a file or standard input; always UTF-8, or refused.
package enum InputText {
    /// More than a request may bring, and little enough to read at once.
    package static let maximumBytes = 64 << 20

    /// Name of standard input, for people.
    package static func name(of file: String) -> String { file == "-" ? "standard input" : file }

    /// `-` is standard input.
    /// - Throws: ``UsageError`` that names the file and the first byte that is not UTF-8.
    package static func read(file: String) throws -> [UInt8] {
        let name = name(of: file)
        let descriptor = file == "-" ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw UsageError("\(name): \(SystemReason.text(errno))") }
        defer { if descriptor != STDIN_FILENO { close(descriptor) } }
        let isTyped = isatty(descriptor) == 1
        if isTyped && StandardError.isTerminal {
            StandardError.write(TextStyle.standardError.dim("Type the text; ^D on a line of its own ends it.") + "\n")
        }
        var bytes: [UInt8] = []
        while case let piece = try piece(of: descriptor, name), !piece.isEmpty {
            bytes += piece
            // A terminal gives whole lines, unless ^D was typed within one.
            if isTyped && piece.last != UInt8(ascii: "\n") { break }
            guard bytes.count <= maximumBytes else {
                throw UsageError("\(name): has more than \(maximumBytes >> 20) MB")
            }
        }
        try validate(bytes, name: name)
        return bytes
    }

    /// A text as people mean it: line ends of Windows are newlines, and the newline that ends the last line is none of it.
    package static func asMeant(_ bytes: [UInt8]) -> [UInt8] {
        let (newline, carriageReturn) = (UInt8(ascii: "\n"), UInt8(ascii: "\r"))
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count)
        for (place, byte) in bytes.enumerated() {
            if byte == carriageReturn, place + 1 < bytes.count, bytes[place + 1] == newline { continue }
            text.append(byte)
        }
        if text.last == newline { text.removeLast() }
        return text
    }

    private static func piece(of descriptor: Int32, _ name: String) throws -> [UInt8] {
        let size = 1 << 20
        while true {
            var count = 0
            let piece = [UInt8](unsafeUninitializedCapacity: size) { buffer, initialized in
                count = Glibc.read(descriptor, buffer.baseAddress, size)
                initialized = max(0, count)
            }
            if count >= 0 { return piece }
            guard errno == EINTR else {
                let reason = errno == EBADF && descriptor == STDIN_FILENO ? "it is closed" : SystemReason.text(errno)
                throw UsageError("\(name): \(reason)")
            }
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
