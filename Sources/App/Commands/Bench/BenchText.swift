import Bench
import Console
import Foundation

extension ProgressBar: WorkProgress {}

extension Machine {
    /// For people, in one line.
    var text: String {
        let cache = lastLevelCache.map { ", last-level cache \(ByteCountText.text($0))" } ?? ""
        return "\(processor), \(cores) cores for this process, \(instructionSet)\(cache); \(date)"
    }
}

/// A rate in billions, for people.
func rateText(_ rate: Double, _ unit: String) -> String { String(format: "%.1f G%@", rate / 1e9, unit) }

/// A share for people.
func percentText(_ share: Double) -> String { String(format: "%.0f %%", 100 * share) }
