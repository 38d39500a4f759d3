import Foundation
import Messages
import TestSupport
import Testing
import Wire

@Suite("Against Google's protobuf")
struct CompatibilityTests {
    private static let folder = Repository.fixtures.appending(path: "wire")

    private static func header(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: folder.appending(path: "\(name).bin")))
    }

    @Test("a file exists for every sample, and a sample for every file")
    func everyFileHasASample() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path())
        let names = files.filter { $0.hasSuffix(".bin") }.map { String($0.dropLast(4)) }
        #expect(Set(names) == Set(Samples.messages.keys))
    }

    @Test("bytes written by Python's protobuf are read", arguments: Samples.messages.keys.sorted())
    func reads(name: String) throws {
        let sample = try #require(Samples.messages[name])
        #expect(try sample.isRead([Self.header(name)] + sample.tensors))
    }

    @Test("the same bytes are written", arguments: Samples.messages.keys.sorted().filter { $0 != "explicit-defaults" })
    func writes(name: String) throws {
        let sample = try #require(Samples.messages[name])
        #expect(try sample.frames == [Self.header(name)] + sample.tensors)
    }

    @Test("defaults sent explicitly are read as defaults, and left out when written")
    func explicitDefaults() throws {
        let message = try WireMessage<ClientRequest>(frames: [Self.header("explicit-defaults")])
        #expect(try message.frames() == [Self.header("generate-minimal")])
    }
}
