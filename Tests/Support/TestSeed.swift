import Foundation

/// The seed of tests over random inputs. It is fixed, so that every run tests the same; `PACELINE_TEST_SEED=random`
/// chooses another for each process, and a number repeats a run whose failure named it.
package enum TestSeed {
    package static let value: UInt64 = {
        switch ProcessInfo.processInfo.environment["PACELINE_TEST_SEED"] {
        case nil: 20_261_127
        case "random": .random(in: 0 ... .max)
        case let text?:
            if let number = UInt64(text) { number } else { fatalError("PACELINE_TEST_SEED: a number, or random") }
        }
    }()
}
