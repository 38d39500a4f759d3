import CZeroMQ

/// How soon a thread that wakes gets its turn on a processor that others keep busy. A thread that moves messages works for
/// microseconds, and those that compute for seconds; without a word from us Linux may let the first wait for
/// milliseconds.
///
/// Threads inherit it from the one that starts them. It is a wish: where the system does not grant it, nothing changes.
enum TimeSlice {
    /// For threads that move messages.
    static func short() { _ = paceline_set_slice(100_000) }
    /// As the system has it.
    static func usual() { _ = paceline_set_slice(0) }
}
