import Messages
import TestSupport
import Testing
import Wire

@Suite("Mutations")
struct MutationTests {
    @Test("a damaged message is a message or an error", arguments: Samples.messages.keys.sorted())
    func mutations(name: String) throws {
        let sample = try #require(Samples.messages[name])
        let frames = sample.frames
        var unread = 0
        for seed in 0..<200 as Range<UInt64> {
            var mutation = Mutation(seed: seed)
            let damaged = mutation.damage(frames)
            // Whatever is taken for a message can be sent on. Its bytes, not its value, are compared: it may hold a NaN.
            guard let again = try? sample.rewritten(damaged) else {
                unread += 1
                continue
            }
            #expect(try sample.rewritten(again) == again, "\(name), seed \(seed)")
        }
        #expect(unread > 0, "\(name)")
    }
}

/// Damage of the kinds that broken links and hostile peers make.
struct Mutation {
    private var random: SplitMix64

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    mutating func damage(_ frames: [[UInt8]]) -> [[UInt8]] {
        var damaged = frames
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            if Int.random(in: 0..<16, using: &random) == 0 || damaged.isEmpty {
                damageCount(&damaged)
            } else {
                let index = Int.random(in: 0..<4, using: &random) == 0 ? damaged.indices.last! : 0
                damageBytes(&damaged[index])
            }
        }
        return damaged
    }

    private mutating func damageCount(_ frames: inout [[UInt8]]) {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: frames.append([])
        case 1: frames.append(frames.first ?? [1])
        case 2: frames = Array(frames.dropFirst())
        default: frames += Array(repeating: [0], count: WireLimits.frames)
        }
    }

    private mutating func damageBytes(_ frame: inout [UInt8]) {
        let place = Int.random(in: 0...frame.count, using: &random)
        let end = min(frame.count, place + Int.random(in: 1...32, using: &random))
        switch Int.random(in: 0..<7, using: &random) {
        case 0 where place < frame.count: frame[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1 where place < frame.count: frame[place] = .random(in: 0...255, using: &random)
        case 2: frame.removeSubrange(place...)
        case 3: frame.insert(.random(in: 0...255, using: &random), at: place)
        case 4: frame.removeSubrange(place..<end)
        case 5:
            // A length or a number far beyond what follows.
            let bits = UInt64.random(in: 7...63, using: &random)
            frame.replaceSubrange(place..<min(frame.count, place + 1), with: RawMessage.varint(1 << bits | 5))
        default:
            // Fields that come twice, at times inside one another.
            frame.insert(contentsOf: frame[place..<end], at: Int.random(in: 0...frame.count, using: &random))
        }
    }
}
