internal import CWire

extension WireMessage {
    /// The message as it travels: the header frame, then the tensors. A message that breaks ``WireLimits`` comes out, too,
    /// but no peer takes it.
    package func frames() -> [[UInt8]] {
        let arena = MessageArena()
        let message = arena.message(paceline__message__init) { message in
            message.protocol = version
            message.incarnation = incarnation
            message.epoch = epoch
            (message.has_link_sequence, message.link_sequence) = optional(linkSequence)
            body.encode(into: &message, in: arena)
        }
        let size = paceline__message__get_packed_size(message)
        let header = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            count = paceline__message__pack(message, buffer.baseAddress)
        }
        return withExtendedLifetime(arena) { [header] + tensors }
    }

    /// Reads what came over a socket, without ZeroMQ's routing frame. Sizes and counts are checked before the frames are
    /// believed; throws ``WireError`` for all that is not a message of `proto/`.
    package init(frames: [[UInt8]]) throws(WireError) {
        try self.init(frames: frames, memory: WireLimits.memory(headerBytes: frames.first?.count ?? 0))
    }

    /// As `init(frames:)`, with so many bytes of memory for protobuf-c.
    package init(frames: [[UInt8]], memory: Int) throws(WireError) {
        let header = try Self.checkedHeader(of: frames)
        let arena = MessageArena(budget: memory)
        defer { withExtendedLifetime(arena) {} }
        let unpacked = arena.withAllocator { allocator in
            header.withUnsafeBufferPointer { paceline__message__unpack(&allocator, $0.count, $0.baseAddress) }
        }
        guard let message = unpacked?.pointee else { throw .unreadableHeader(bytes: header.count) }
        self.init(
            try Body(decoding: message), incarnation: message.incarnation, epoch: message.epoch,
            linkSequence: optional(message.has_link_sequence, message.link_sequence),
            tensors: Array(frames.dropFirst()), version: message.protocol)
        try body.check(tensors: tensors)
    }

    private static func checkedHeader(of frames: [[UInt8]]) throws(WireError) -> [UInt8] {
        guard let header = frames.first else { throw .noHeaderFrame }
        guard frames.count <= WireLimits.frames else { throw .tooManyFrames(frames.count) }
        guard header.count <= WireLimits.headerBytes else { throw .headerTooLarge(bytes: header.count) }
        for (number, frame) in frames.enumerated().dropFirst() where frame.count > WireLimits.tensorBytes {
            throw .tensorTooLarge(frame: number, bytes: frame.count)
        }
        return header
    }
}
