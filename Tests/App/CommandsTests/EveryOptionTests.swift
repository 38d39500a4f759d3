import Console
import Foundation
import Testing

/// Mistakes with each option of each command, of those that are and those to come.
@Suite("Every option")
struct EveryOptionTests {
    /// Anything is a value of these, as far as one can see without looking at the disk or a model.
    private static let free = ["file", "directory", "path", "name", "names", "text"]

    @Test("a value of the wrong form is a line with the option as it was typed, and the form expected")
    func wrongValue() async throws {
        for entry in try await CommandList.read().entries {
            for option in entry.options where option.kind == "option" && !Self.free.contains(option.valueName ?? "") {
                for spelling in option.spellings {
                    let finished = try await run(entry.path + [spelling, "no such value"])
                    expectUsage(finished, "\(spelling) no such value: ")
                    #expect(!finished.errors.contains("another value"), "\(finished.errors)")
                }
            }
        }
    }

    @Test("a value that is missing is a line with the option as it was typed")
    func missingValue() async throws {
        for entry in try await CommandList.read().entries {
            for option in entry.options where option.kind == "option" {
                for spelling in option.spellings {
                    expectUsage(try await run(entry.path + [spelling]), "\(spelling): its value is missing; expected ")
                }
            }
        }
    }

    @Test("a value for a flag is a line with the flag")
    func flagWithValue() async throws {
        for entry in try await CommandList.read().entries {
            for spelling in entry.options.filter({ $0.kind == "flag" }).flatMap(\.spellings) {
                expectUsage(try await run(entry.path + ["\(spelling)=3"]), "\(spelling)=3")
            }
        }
    }

    @Test("an option that there is not, and a word too many, are one line")
    func unknownOption() async throws {
        for entry in try await CommandList.read().entries {
            expectUsage(try await run(entry.path + ["--no-such-option"]), "--no-such-option")
            let words = try await run(entry.path + ["one", "two", "three"])
            // A list of words is what detokenize takes, though not these.
            expectUsage(words)
        }
    }
}
