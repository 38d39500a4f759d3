/// The coordinator's own ends of a pipeline's data links.
struct LinkCounts {
    var batchesSent: UInt64 = 0
    var batchSentAt: UInt64 = 0
    var resultsReceived: UInt64 = 0
}
