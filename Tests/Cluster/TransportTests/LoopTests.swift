import Foundation
import Testing
import Transport

@Suite("The loop and its thread", .timeLimit(.minutes(1)))
struct LoopTests {
    @Test("posts of each thread are handed out in order, on the loop's own thread")
    func postOrder() async throws {
        let loop = TestLoop("paceline-posts-to-here")
        let home = try await loop.on { _ in pthread_self() }
        let (posts, continuation) = AsyncStream.makeStream(of: (poster: Int, number: Int, isHome: Bool).self)
        let posters = 4
        let each = 2_000
        await withTaskGroup { group in
            for poster in 0..<posters {
                group.addTask {
                    for number in 0..<each {
                        let isPosted = loop.loop.post { _ in
                            continuation.yield((poster, number, pthread_self() == home))
                        }
                        #expect(isPosted)
                    }
                }
            }
        }
        var next = [Int](repeating: 0, count: posters)
        for await post in posts {
            try #require(post.number == next[post.poster] && post.isHome)
            next[post.poster] += 1
            if next.allSatisfy({ $0 == each }) { break }
        }
        let name = try await loop.on { _ in try String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8) }
        #expect(name == "paceline-posts-\n")
        try await loop.stop()
    }

    @Test("the queue of posts is bounded, and nothing is taken once the loop has ended")
    func postBound() async throws {
        let (posts, continuation) = AsyncStream.makeStream(of: Int.self)
        let (_, events) = AsyncStream.makeStream(of: Event.self)
        let limits = TransportLimits(maximumPostedEvents: 3)
        let loop = SocketLoop<ScriptedHandler>(name: "bounded", bindPolicy: .loopbackOnly, limits: limits)
        for number in 0..<5 {
            #expect(loop.post { _ in continuation.yield(number) } == (number < 3))
        }
        loop.stop()
        #expect(!loop.post { _ in continuation.yield(9) })
        try await loop.run { sockets in ScriptedHandler(sockets, reportingTo: events) }
        #expect(!loop.post { _ in continuation.yield(9) })
        continuation.finish()
        #expect(await posts.reduce(into: []) { $0.append($1) } == [0, 1, 2])
    }

    @Test("stopped from without, it tells the handler once and returns")
    func stopFromWithout() async throws {
        let loop = TestLoop()
        try await loop.on { _ = try $0.bindPull(Endpoint(anyLocalPort)) }
        try await loop.stop()
        #expect(!loop.loop.post { _ in })
        loop.loop.stop()
        let all = await loop.events.reduce(into: [Event]()) { $0.append($1) }
        guard case .started? = all.first, case .stopping? = all.last else {
            Issue.record("\(all)")
            return
        }
        #expect(all.count { if case .stopping = $0 { true } else { false } } == 1)
    }

    @Test("stopped from within, it returns, or throws the error it was given first, and hands out nothing more")
    func stopFromWithin() async throws {
        let quiet = TestLoop()
        try await quiet.on { $0.stop() }
        try await quiet.ended()

        let failing = TestLoop()
        try await failing.handler { handler in
            _ = failing.loop.post { _ in Issue.record("handed out after the stop") }
            handler.sockets.stop(Planned(number: 1))
            handler.sockets.stop(Planned(number: 2))
        }
        await #expect(throws: Planned(number: 1)) { try await failing.ended() }
    }

    @Test("what making the handler throws is thrown by run, and its sockets are closed")
    func failingHandler() async throws {
        let (endpoints, continuation) = AsyncStream.makeStream(of: Endpoint.self)
        let loop = SocketLoop<ScriptedHandler>(name: "failing", bindPolicy: .loopbackOnly)
        await #expect(throws: Planned(number: 3)) {
            try await loop.run { sockets in
                continuation.yield(try sockets.bindPull(Endpoint(anyLocalPort)).1)
                throw Planned(number: 3)
            }
        }
        let endpoint = try #require(await endpoints.first { _ in true })
        let next = TestLoop()
        try await next.on { _ = try $0.bindPull(endpoint) }
        try await next.stop()
    }

    @Test("a loop runs once")
    func runsOnce() async throws {
        let loop = TestLoop("only once")
        try await loop.on { _ in }
        let (_, events) = AsyncStream.makeStream(of: Event.self)
        await #expect(throws: TransportError.alreadyRun(loop: "only once")) {
            try await loop.loop.run { ScriptedHandler($0, reportingTo: events) }
        }
        try await loop.stop()
    }

    @Test("cancelling the task that runs it stops it")
    func cancellation() async throws {
        let (events, continuation) = AsyncStream.makeStream(of: Event.self)
        let loop = SocketLoop<ScriptedHandler>(name: "cancelled", bindPolicy: .loopbackOnly)
        let running = Task { try await loop.run { ScriptedHandler($0, reportingTo: continuation) } }
        for await case .started in events { break }
        running.cancel()
        try await running.value
        continuation.finish()
        #expect(await events.contains { if case .stopping = $0 { true } else { false } })
    }

    @Test("goodbyes that are sent while stopping arrive")
    func goodbyes() async throws {
        let server = TestLoop("server")
        let (_, endpoint) = try await server.on { try $0.bindRouter(Endpoint(anyLocalPort)) }
        let client = TestLoop("client")
        try await client.handler { handler in
            let dealer = try handler.sockets.connectDealer(endpoint)
            _ = handler.sockets.send([[UInt8]("hello")], on: dealer)
            handler.onStopping = { sockets in
                for number in 0..<100 { #expect(sockets.send([[UInt8](number: number)], on: dealer) == .sent) }
            }
        }
        await server.message(startingWith: [UInt8]("hello"))
        try await client.stop()
        for number in 0..<100 { #expect(await server.message()?.0.frames == [[UInt8](number: number)]) }
        try await server.stop()
    }

    @Test("a stop does not wait for a peer that never comes")
    func stopWithoutPeer() async throws {
        let loop = TestLoop(timings: .init(goodbyeLinger: .milliseconds(20)))
        try await loop.on { sockets in
            let dealer = try sockets.connectDealer(Endpoint("tcp://127.0.0.1:1"))
            let stranger = try sockets.connectDealer(Endpoint("tcp://no-such-host.invalid:5570"))
            for socket in [dealer, stranger] { #expect(sockets.send([[1]], on: socket) == .sent) }
        }
        try await loop.stop()
    }

    @Test("a handler that outlives its loop finds every socket closed")
    func outlivingHandler() async throws {
        // Set on the loop's thread, and read only after it has ended.
        final class Keeper: @unchecked Sendable {
            var sockets: (any Sockets)?
        }
        let keeper = Keeper()
        let loop = TestLoop()
        let (pull, endpoint) = try await loop.on { sockets in
            keeper.sockets = sockets
            return try sockets.bindPull(Endpoint(anyLocalPort))
        }
        try await loop.stop()
        let sockets = try #require(keeper.sockets)
        #expect(sockets.send([[1]], on: pull) == .unreachable)
        #expect(throws: TransportError.self) { try sockets.bindPull(endpoint) }
        sockets.close(pull)
    }
}
