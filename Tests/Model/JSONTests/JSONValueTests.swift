import JSON
import Testing

/// An error of these tests: the line that says it.
struct Failure: JSONFailure, Equatable, CustomStringConvertible {
    let description: String

    static func invalidJSON(file: String, offset: Int, reason: String) -> Failure {
        Failure(description: "\(file): \(offset): \(reason)")
    }
    static func tooMany(file: String, what: String, limit: Int) -> Failure {
        Failure(description: "\(file): more than \(limit) \(what)")
    }
    static func damaged(file: String, reason: String) -> Failure { Failure(description: "\(file) \(reason)") }
}

private func value(_ text: String, atMost limit: Int = 1_000) throws(Failure) -> JSONValue {
    try JSONValue(Array(text.utf8), file: "f", atMost: limit, failingWith: Failure.self)
}

private func error(_ text: String, atMost limit: Int = 1_000) -> String? {
    do {
        _ = try value(text, atMost: limit)
        return nil
    } catch {
        return error.description
    }
}

@Suite("A JSON document as a tree")
struct JSONValueTests {
    @Test("values of every kind are read as what they are")
    func kinds() throws {
        let document = try value(
            #" {"null": null, "yes": true, "no": false, "count": -12, "size": 1.5e3, "text": "a\u00e9\n", "list": [1, [], {}]} "#
        )
        #expect(document["null"]?.isNull == true && document.member("null") == nil)
        #expect(document["yes"]?.bool == true && document["no"]?.bool == false)
        #expect(document["count"]?.integer == -12 && document["count"]?.number == -12)
        #expect(document["size"]?.integer == 1_500 && document["size"]?.number == 1_500)
        #expect(document["text"]?.string == "aé\n" && document["text"]?.integer == nil)
        #expect(document["list"]?.elements?.count == 3)
        #expect(document["none"] == nil && document["list"]?["a"] == nil)
        #expect(document.members?.map(\.name) == ["null", "yes", "no", "count", "size", "text", "list"])
    }

    @Test("large integers are numbers, and fractions are no integers")
    func numbers() throws {
        #expect(try value("9223372036854775807").integer == .max)
        #expect(try value("9223372036854775808").integer == nil)
        #expect(try value("9223372036854775808").number == 0x1p63)
        #expect(try value("0.5").integer == nil)
        #expect(error("1e999") == "f: 0: a number out of range; the text ends here, is it cut off?")
    }

    @Test("names that Unicode holds to be equivalent are different names")
    func equivalentNames() throws {
        let document = try value("{\"e\u{301}\": 1, \"\u{E9}\": 2}")
        #expect(document["e\u{301}"]?.integer == 1)
        #expect(document["\u{E9}"]?.integer == 2)
    }

    @Test(
        "what is no JSON is refused in one line",
        arguments: [
            ("", "f: 0: expected a value; the text ends here, is it cut off?"),
            (#"{"a": 1"#, "f: 7: expected }; the text ends here, is it cut off?"),
            (#"{"a": 1, "a": 2}"#, #"f: 12: name "a" is there twice"#),
            (#"{"a\u2028": 1, "a\u2028": 2}"#, #"f: 24: name "a\u{2028}" is there twice"#),
            ("[1, 2] 3", "f: 7: text after the end"),
            ("[NaN]", "f: 1: expected a value"),
            ("[-Infinity]", "f: 2: expected a value"),
            ("[truth]", "f: 1: expected true"),
            ("[01]", "f: 1: a number with a leading zero"),
        ])
    func refused(text: String, expected: String) {
        #expect(error(text) == expected)
    }

    @Test("depth and number of values are bounded")
    func bounds() {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(error(nested(JSONLimits.nesting)) == nil)
        #expect(error(nested(JSONLimits.nesting + 1)) == "f: 33: nested more than 32 deep")
        #expect(error(nested(100_000)) == "f: 33: nested more than 32 deep")
        #expect(error("[1, 2]", atMost: 3) == nil)
        #expect(error("[1, 2, 3]", atMost: 3) == "f: more than 3 values")
    }

    @Test("a Git LFS pointer and a web page are called what they are")
    func damagedDownloads() {
        let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n"
        #expect(error(pointer)?.contains("f is a Git LFS pointer") == true)
        #expect(error(pointer)?.contains("git lfs pull") == true)
        #expect(error(" \n<!DOCTYPE HTML><title>404</title>")?.contains("f is a web page") == true)
        #expect(error("<HTML>")?.contains("download it again") == true)
        #expect(damagedDownload("version 1".utf8) == nil)
        #expect(damagedDownload([]) == nil)
    }
}
