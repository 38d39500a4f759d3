import Foundation
import Tokenizer

/// Measures how fast a model's tokenizer loads, encodes and decodes: `tokenizer-benchmark DIRECTORY TEXT-FILE`.
@main
enum TokenizerBenchmark {
    private static let runs = 7
    /// Short texts are repeated up to this size, so that a run lasts long enough to be measured.
    private static let leastSize = 4_000_000

    static func main() {
        let arguments = CommandLine.arguments
        guard arguments.count == 3 else {
            fail("usage: tokenizer-benchmark DIRECTORY TEXT-FILE", status: 2)
        }
        guard let contents = FileManager.default.contents(atPath: arguments[2]), !contents.isEmpty else {
            fail("\(arguments[2]): cannot be read, or is empty", status: 1)
        }
        do {
            try measure(directory: arguments[1], sample: Array(contents))
        } catch {
            fail("\(error)", status: 1)
        }
    }

    private static func measure(directory: String, sample: [UInt8]) throws(TokenizerError) {
        var tokenizer: BytePairTokenizer?
        let loading = try medianSeconds { () throws(TokenizerError) in
            tokenizer = try BytePairTokenizer(directory: directory)
        }
        guard let tokenizer else { return }
        print("load    \(formatted(loading * 1000, digits: 1)) ms, \(tokenizer.vocabularySize) tokens")

        var text = sample
        while text.count < leastSize { text += sample }
        var tokens: [Int32] = []
        report("encode", bytes: text.count, seconds: medianSeconds { tokens = tokenizer.encode(utf8: text) })
        print("        \(formatted(Double(text.count) / Double(tokens.count), digits: 2)) bytes a token")
        let decoding = try medianSeconds { () throws(TokenizerError) in _ = try tokenizer.decode(tokens) }
        report("decode", bytes: text.count, seconds: decoding)

        let letters = Array(repeating: UInt8(ascii: "a"), count: 1_000_000)
        report(
            "encode, one letter", bytes: letters.count, seconds: medianSeconds { _ = tokenizer.encode(utf8: letters) })
    }

    private static func medianSeconds<Failure: Error>(_ body: () throws(Failure) -> Void) throws(Failure) -> Double {
        let clock = ContinuousClock()
        var seconds: [Double] = []
        for _ in 0..<runs {
            let start = clock.now
            try body()
            seconds.append((clock.now - start) / .seconds(1))
        }
        return seconds.sorted()[runs / 2]
    }

    private static func report(_ name: String, bytes: Int, seconds: Double) {
        let speed = formatted(Double(bytes) / 1e6 / seconds, digits: 1)
        print("\(name)  \(speed) MB/s (\(formatted(Double(bytes) / 1e6, digits: 1)) MB, median of \(runs) runs)")
    }

    private static func formatted(_ value: Double, digits: Int) -> String {
        String(format: "%.\(digits)f", value)
    }

    private static func fail(_ message: String, status: Int32) -> Never {
        FileHandle.standardError.write(Data((message + "\n").utf8))
        exit(status)
    }
}
