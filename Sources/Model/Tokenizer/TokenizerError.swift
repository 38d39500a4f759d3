import JSON

/// Why a tokenizer could not be loaded, or tokens could not be decoded.
public struct TokenizerError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is at fault: a file, with its line where it has lines, or the token list.
    public let subject: String
    /// What is wrong with it.
    public let problem: String

    /// One line: the subject and the problem.
    public var description: String { "\(subject): \(problem)" }

    init(_ subject: String, _ problem: String) {
        self.subject = subject
        self.problem = problem
    }

    init(_ file: String, line: Int, _ problem: String) {
        self.init("\(file), line \(line)", problem)
    }
}

/// A piece of a file in quotation marks, fit for one line of an error message: control and look-alike characters are
/// escaped, GPT-2's byte symbols are not, and long pieces are cut.
func quoted(_ utf8: some Sequence<UInt8>) -> String {
    let longest = 40
    var result = "\""
    for (index, scalar) in String(decoding: Array(utf8.prefix(4 * longest + 4)), as: UTF8.self).unicodeScalars
        .enumerated()
    {
        if index == longest {
            result += "…"
            break
        }
        result += ByteAlphabet.byte(of: scalar.value) != nil ? String(scalar) : scalar.escaped(asASCII: true)
    }
    return result + "\""
}

extension TokenizerError: JSONFailure {
    /// The error for text that is not the JSON expected.
    public static func invalidJSON(file: String, offset: Int, reason: String) -> TokenizerError {
        TokenizerError(file, "byte \(offset): \(reason)")
    }

    /// The error for more of something than is allowed.
    public static func tooMany(file: String, what: String, limit: Int) -> TokenizerError {
        TokenizerError(file, "has more than the \(limit) \(what) there may be")
    }

    /// The error for something else under a file's name.
    public static func damaged(file: String, reason: String) -> TokenizerError { TokenizerError(file, reason) }
}
