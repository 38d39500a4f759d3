import Foundation

/// Waits for keys at the terminal, on a thread of its own, until ``end()``.
final class KeyWatch: Sendable {
    private let writing: Int32

    init(_ typed: @escaping @Sendable (Character) -> Void) {
        var ends: [Int32] = [-1, -1]
        _ = pipe(&ends)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let reading = ends[0]
        writing = ends[1]
        guard isatty(STDIN_FILENO) == 1 else { return }
        Thread.detachNewThread {
            while Self.waits(reading) {
                // Reading from the background would stop the process.
                guard Foreground.isOurs else {
                    usleep(200_000)
                    continue
                }
                var byte: UInt8 = 0
                guard read(STDIN_FILENO, &byte, 1) == 1 else { return }
                typed(Character(Unicode.Scalar(byte)))
            }
        }
    }

    func end() {
        var byte: UInt8 = 0
        _ = write(writing, &byte, 1)
    }

    /// Waits for the terminal; false where the waiting has been ended.
    private static func waits(_ ending: Int32) -> Bool {
        while true {
            var polls = [STDIN_FILENO, ending].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            if poll(&polls, 2, -1) < 0 && errno == EINTR { continue }
            return polls[1].revents == 0 && polls[0].revents & Int16(POLLIN) != 0
        }
    }
}
