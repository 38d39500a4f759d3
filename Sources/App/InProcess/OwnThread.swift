import Foundation

/// Runs work that computes or reads for long on a thread of its own: the cooperative pool is for waiting only.
package func runOnOwnThread<Result: Sendable>(
    _ name: String, _ work: @escaping @Sendable () throws -> Result
) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        let thread = Thread { continuation.resume(with: Swift.Result(catching: work)) }
        thread.name = name
        thread.start()
    }
}
