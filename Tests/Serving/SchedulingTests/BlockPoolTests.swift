import Scheduling
import TestSupport
import Testing

@Suite("Block pool")
struct BlockPoolTests {
    @Test(
        "positions take whole blocks of 16",
        arguments: [(0, 0), (1, 1), (15, 1), (16, 1), (17, 2), (512, 32), (1_024, 64)])
    func blocksForPositions(positions: Int, blocks: Int) {
        #expect(BlockPool.blocks(for: positions) == blocks)
    }

    @Test("low numbers are handed out first, in order")
    func lowNumbersFirst() {
        var pool = BlockPool(capacity: 5)
        #expect(pool.allocate(2) == [0, 1])
        #expect(pool.allocate(3) == [2, 3, 4])
        #expect(pool.freeCount == 0)
    }

    @Test("where too few are free, none is taken")
    func allOrNothing() {
        var pool = BlockPool(capacity: 3)
        #expect(pool.allocate(4) == nil)
        #expect(pool.freeCount == 3)
        #expect(pool.allocate(3) == [0, 1, 2])
        #expect(pool.allocate(1) == nil)
        #expect(pool.allocate(0) == [])
    }

    @Test("blocks given back last are handed out first, in their order")
    func reusesWarmBlocks() {
        var pool = BlockPool(capacity: 4)
        let first = pool.allocate(2)
        #expect(pool.allocate(1) == [2])
        pool.release(first ?? [])
        #expect(pool.allocate(3) == [0, 1, 3])
    }

    @Test("a pool of nothing has nothing to give")
    func empty() {
        var pool = BlockPool(capacity: 0)
        #expect(pool.capacity == 0)
        #expect(pool.allocate(1) == nil)
        #expect(pool.allocate(0) == [])
    }

    @Test("under random use no block has two owners and none is lost", arguments: 0..<200 as Range<UInt64>)
    func randomUse(offset: UInt64) {
        let seed = TestSeed.value &+ offset
        var random = SplitMix64(seed: seed)
        let capacity = random.int(0...40)
        var pool = BlockPool(capacity: capacity)
        var owned: [[UInt32]] = []
        for _ in 0..<200 {
            if random.chance(55), let blocks = pool.allocate(random.int(0...8)) {
                owned.append(blocks)
            } else if !owned.isEmpty {
                pool.release(owned.remove(at: random.int(0...owned.count - 1)))
            }
            let all = owned.flatMap { $0 }
            guard Set(all).count == all.count, all.allSatisfy({ $0 < capacity }), pool.freeCount == capacity - all.count
            else {
                Issue.record("seed \(seed): owned \(owned), \(pool.freeCount) of \(capacity) free")
                return
            }
        }
    }
}
