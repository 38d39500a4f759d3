import Coordinator
import Messages
import ServingSupport
import Testing

@Suite("Workers that join")
struct JoiningTests {
    @Test("a Hello is welcomed, and repeated until the welcome arrives: one worker all the same")
    func welcome() throws {
        let fleet = try TestFleet()
        let first = fleet.join("a")
        #expect(
            first.welcome(of: "a")
                == Welcome(heartbeatMilliseconds: 1_000, version: 1, workerID: TestFleet.id("a")))
        #expect(fleet.join("a") == [first[0]])
        #expect(fleet.names == ["a"])
        #expect(fleet.membership.stateLine == "waiting for workers: 1 of 2 are here")
        fleet.join("b")
        #expect(fleet.epoch == 1)
        fleet.join("b")
        #expect(fleet.epoch == 1)
    }

    @Test("each reason to refuse a worker is said, and the worker is not taken in")
    func refused() throws {
        let cases: [(String, (inout Hello) -> Void)] = [
            (
                "it speaks protocol 2 to 3, and this coordinator 1 to 1",
                { ($0.protocolMinimum, $0.protocolMaximum) = (2, 3) }
            ),
            ("it speaks protocol 0 to 0", { ($0.protocolMinimum, $0.protocolMaximum) = (0, 0) }),
            ("it speaks protocol 3 to 1", { ($0.protocolMinimum, $0.protocolMaximum) = (3, 1) }),
            (
                "its arithmetic is of version 8, and this coordinator's of version 7: use the same version of paceline",
                { $0.numericsVersion = 8 }
            ),
            ("its arithmetic is of a version that it does not name", { $0.numericsVersion = nil }),
            ("its data endpoint, nonsense, is none", { $0.dataEndpoint = "nonsense" }),
            ("its data endpoint, tcp://10.0.0.1:0, is none", { $0.dataEndpoint = "tcp://10.0.0.1:0" }),
            ("its settings are not those of 'demo'", { $0.configurationSHA256 = Demo.digest(9) }),
            ("its settings are not those of 'demo'", { $0.configurationSHA256 = [] }),
            ("layer 3 differs", { $0.digests = [GroupDigest(group: "layer 3", sha256: Demo.digest(4))] }),
            ("layer 8 differs", { $0.digests = [GroupDigest(group: "layer 8", sha256: Demo.digest(8))] }),
            ("layers 4-8 are not in this model: it has layers 0-7", { $0.pinnedLayers = 4...8 }),
            ("layers 4-4294967295 are not", { $0.pinnedLayers = 4...UInt32.max }),
        ]
        for (line, change) in cases {
            let fleet = try TestFleet(wanted: 1)
            var hello = TestFleet.hello("a")
            change(&hello)
            let actions = fleet.hello(hello, from: "a")
            #expect(actions.refusal(of: "a")?.contains(line) == true, "\(actions)")
            #expect(fleet.names == [] && fleet.membership.plan == nil && actions.welcome(of: "a") == nil)
        }
    }

    @Test("a worker that speaks more versions, knows some digests and is bound to layers is welcome")
    func taken() throws {
        let fleet = try TestFleet()
        var hello = TestFleet.hello("a", pin: 4...7)
        hello.protocolMaximum = 9
        hello.digests = [GroupDigest(group: "layer 4", sha256: Demo.digest(4))]
        #expect(fleet.hello(hello, from: "a").welcome(of: "a") != nil)
    }

    @Test("no more workers are taken than the coordinator can keep")
    func tooMany() throws {
        let fleet = try TestFleet { $0.maximumWorkers = 3 }
        for name in ["a", "b", "c"] { #expect(fleet.join(name).welcome(of: name) != nil) }
        #expect(fleet.join("d").refusal(of: "d") == "3 workers are here already, and no more are taken")
        #expect(fleet.join("c").welcome(of: "c") != nil)
    }

    @Test("a wildcard host is the address the coordinator sees")
    func wildcard() throws {
        let fleet = try TestFleet()
        for (name, address) in [("a", "10.0.0.5"), ("b", "fe80::1")] {
            var hello = TestFleet.hello(name)
            hello.dataEndpoint = "tcp://*:7777"
            fleet.hello(hello, from: name, address: address)
        }
        #expect(fleet.actions.assignment(of: "a")?.successor == "tcp://[fe80::1]:7777")
        #expect(fleet.actions.assignment(of: "b")?.successor == "tcp://*:9000")
        #expect(fleet.readyAll().pipelinesUp?.1 == ["tcp://10.0.0.5:7777"])
    }

    @Test("a wildcard host of a worker whose address nobody knows is no endpoint")
    func wildcardWithoutAddress() throws {
        let fleet = try TestFleet()
        var hello = TestFleet.hello("a")
        hello.dataEndpoint = "tcp://*:7777"
        let actions = fleet.hello(hello, from: "a", address: nil)
        #expect(actions.refusal(of: "a")?.contains("tcp://*:7777, is none that another worker can dial") == true)
        #expect(fleet.names == [])
    }

    @Test("enough workers make a plan: every layer once, each stage told where to send on")
    func plan() throws {
        let fleet = try TestFleet()
        fleet.join("a")
        let actions = fleet.join("b")
        let first = try #require(actions.assignment(of: "a"))
        let second = try #require(actions.assignment(of: "b"))
        #expect(first.firstLayer == 0 && first.firstLayer + first.layerCount == second.firstLayer)
        #expect(second.firstLayer + second.layerCount == 8)
        #expect([first.stage, second.stage, first.stageCount, second.stageCount] == [0, 1, 2, 2])
        #expect(first.blockCount == second.blockCount && first.blockCount == 6)
        #expect(fleet.membership.stateLine.hasPrefix("loading: 2 of 2"))
    }

    @Test("the plan goes live when every stage is ready, and not before")
    func barrier() throws {
        let fleet = try TestFleet(wanted: 3)
        fleet.host = "x"
        for name in ["a", "b", "c"] { fleet.join(name) }
        #expect(fleet.ready("c") == [])
        #expect(fleet.ready("a") == [])
        #expect(fleet.ready("a") == [])
        #expect(!fleet.membership.isLive)
        #expect(fleet.ready("b").measured == ["a"])
        #expect(fleet.measured("a").measured == ["b"])
        #expect(fleet.measured("b").measured == ["c"])
        #expect(!fleet.membership.isLive)
        let last = fleet.measured("c")
        #expect(last.pipelinesUp?.0 == fleet.membership.plan)
        #expect(fleet.membership.isLive && fleet.membership.stateLine == "ready: 3 stages")
        #expect(fleet.ready("b") == [])
    }

    @Test("ready of another epoch, or of a worker without a stage, does not count")
    func wrongReady() throws {
        let fleet = try TestFleet()
        #expect(fleet.ready("a", epoch: 0) == [])
        for name in ["a", "b", "c"] { fleet.join(name) }
        fleet.ready("a")
        #expect(fleet.ready("b", epoch: 0) == [])
        #expect(fleet.ready("b", epoch: 2) == [])
        #expect(fleet.ready("c") == [])
        #expect(fleet.ready("nobody") == [])
        #expect(!fleet.membership.isLive)
        #expect(fleet.ready("b").measured == ["a", "b"])
    }

    @Test(
        "another model, found out when the layers are loaded: refused, and a spare steps in",
        arguments: [
            { $0.dropLast() + [GroupDigest(group: "head", sha256: Demo.digest(5))] },
            { $0.dropLast() },
        ] as [@Sendable ([GroupDigest]) -> [GroupDigest]])
    func wrongDigest(change: @Sendable ([GroupDigest]) -> [GroupDigest]) throws {
        let fleet = try TestFleet()
        for name in ["a", "b", "c"] { fleet.join(name) }
        fleet.ready("a")
        let digests = Demo.groupDigests(of: try #require(fleet.membership.plan).pipelines[0].layers[1])
        let actions = fleet.take(
            fleet.membership.ready(
                Ready(digests: change(digests), weightBytes: 1, cacheBytes: 1), epoch: 1, from: TestFleet.id("b")))
        #expect(actions.refusal(of: "b")?.contains("head differs") == true)
        #expect(actions.pipelinesDown == nil)
        #expect(fleet.names == ["a", "c"] && fleet.epoch == 2)
        #expect(actions.assignment(of: "a") != nil && actions.assignment(of: "c") != nil)
        fleet.readyAll()
        #expect(fleet.membership.isLive)
    }

    @Test("more workers than wanted stand by, without a stage")
    func standby() throws {
        let fleet = try TestFleet()
        fleet.goLive("a", "b")
        let actions = fleet.join("c")
        #expect(actions.assignment(of: "c") == nil && actions.welcome(of: "c") != nil)
        #expect(fleet.stages == ["a", "b"] && fleet.epoch == 1 && fleet.membership.isLive)
        #expect(fleet.membership.record(TestFleet.id("c"))?.state == .standby)
    }

    @Test("one worker of each host is asked for its speed at a time, and each once")
    func measure() throws {
        let fleet = try TestFleet(wanted: 4)
        for (name, host) in [("a", "x"), ("b", "x"), ("c", "y"), ("d", "x")] { fleet.join(name, host: host) }
        for name in fleet.stages.dropLast() { #expect(fleet.ready(name).measured == []) }
        #expect(fleet.ready(try #require(fleet.stages.last)).measured == ["a", "c"])
        let speeds = [Speed(rows: 1, millisecondsPerLayer: 2)]
        func measured(_ name: String, _ speeds: [Speed], epoch: UInt64 = 1) -> [String] {
            fleet.take(fleet.membership.measured(speeds, epoch: epoch, from: TestFleet.id(name))).measured
        }
        #expect(measured("b", speeds) == [])
        #expect(measured("a", speeds, epoch: 7) == [])
        #expect(measured("a", speeds) == ["b"])
        #expect(measured("a", speeds) == [])
        // An answer with nothing in it is an answer: else the two would go on for ever.
        #expect(measured("b", []) == ["d"])
        #expect(measured("d", speeds) == [])
        #expect(!fleet.membership.isLive)
        #expect(measured("c", speeds) == [])
        #expect(fleet.membership.isLive)
        #expect(fleet.membership.record(TestFleet.id("a"))?.speeds == speeds)
        #expect(fleet.actions.measured.count == 4)
    }

    @Test("a worker that claims thousands of speeds is kept short")
    func speeds() throws {
        let fleet = try TestFleet(wanted: 1)
        fleet.join("a")
        fleet.ready("a")
        let speeds = [Speed](repeating: Speed(rows: 1, millisecondsPerLayer: 1), count: 64)
        fleet.take(fleet.membership.measured(speeds, epoch: 1, from: TestFleet.id("a")))
        #expect(fleet.membership.record(TestFleet.id("a"))?.speeds.count == 8)
    }
}
