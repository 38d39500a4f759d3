/// The versions of the wire contract that this program speaks.
public enum ProtocolVersion {
    public static let current: UInt32 = 1
    public static let supported: ClosedRange<UInt32> = 1...1
}

/// One message of `proto/`: the header frame and the raw tensor frames behind it. `Body` is what can be said on its link.
package struct WireMessage<Body: LinkMessage>: Sendable, Equatable {
    package var version: UInt32
    /// Random number of the coordinator's life; 0 from a peer that has not heard it.
    package var incarnation: UInt64
    /// Number of the plan the message belongs to; 0 where none is meant.
    package var epoch: UInt64
    /// 1, 2, 3 … on each data link within an epoch; nil elsewhere.
    package var linkSequence: UInt64?
    package var body: Body
    /// Raw little-endian tensors.
    package var tensors: [[UInt8]]

    package init(
        _ body: Body, incarnation: UInt64 = 0, epoch: UInt64 = 0, linkSequence: UInt64? = nil, tensors: [[UInt8]] = [],
        version: UInt32 = ProtocolVersion.current
    ) {
        self.version = version
        self.incarnation = incarnation
        self.epoch = epoch
        self.linkSequence = linkSequence
        self.body = body
        self.tensors = tensors
    }
}
