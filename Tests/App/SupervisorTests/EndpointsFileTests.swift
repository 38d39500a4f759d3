import Foundation
import Supervisor
import Testing

@Suite("Files that say where a coordinator listens")
struct EndpointsFileTests {
    private let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).json").path

    @Test("a file is read as it was written, and its JSON is what other programs read")
    func roundTrip() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(EndpointsFile(contentsOf: path) == nil)
        try EndpointsFile(control: "tcp://127.0.0.1:1", clients: "tcp://127.0.0.1:2").write(to: path)
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text == #"{"clients":"tcp://127.0.0.1:2","control":"tcp://127.0.0.1:1"}"#)
        let file = try #require(EndpointsFile(contentsOf: path))
        #expect(file.control == "tcp://127.0.0.1:1" && file.clients == "tcp://127.0.0.1:2")
    }

    @Test("a file that cannot be written is an error that names the option and says why")
    func notWritable() {
        #expect(throws: SupervisorError.endpointsFile("/nowhere/file", reason: "No such file or directory")) {
            try EndpointsFile(control: "", clients: "").write(to: "/nowhere/file")
        }
    }
}
