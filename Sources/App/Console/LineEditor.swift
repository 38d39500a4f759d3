import CEdit
import Foundation
import Synchronization

/// Lines that a person types, with editing and a history, which is kept in memory only. By Debian's libedit where it is
/// installed and both standard input and standard error are a terminal; else by plain reading.
// @unchecked: the editor and its reader of keys are used by one thread at a time, for `line` waits for its turn.
package final class LineEditor: @unchecked Sendable {
    /// What a person did at the prompt.
    package enum Entry: Equatable, Sendable {
        case line(String)
        /// ^C: the line is dropped.
        case interrupted
        case end
    }

    private static let linesRemembered: Int32 = 1000

    private var keys: KeyReader
    private let wakingPipe: (reading: Int32, writing: Int32)
    private var editor: OpaquePointer?
    private var isInterrupted = false
    private let turn = NSLock()

    /// Whether lines can be edited.
    package var edits: Bool { editor != nil }

    /// Whether a person sees what is asked.
    package var isAtTerminal: Bool { isatty(STDIN_FILENO) == 1 && StandardError.isTerminal }

    package init() {
        var ends: [Int32] = [-1, -1]
        _ = pipe(&ends)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        wakingPipe = (ends[0], ends[1])
        keys = KeyReader(descriptor: STDIN_FILENO, waking: ends[0])
        let type = ProcessInfo.processInfo.environment["TERM"] ?? ""
        guard isAtTerminal, !["", "dumb"].contains(type) else { return }
        let context = Unmanaged.passUnretained(self).toOpaque()
        editor = paceline_edit_open(
            Self.linesRemembered,
            { context, character in
                guard let context, let character else { return -1 }
                return Unmanaged<LineEditor>.fromOpaque(context).takeUnretainedValue().next(into: character)
            }, context)
    }

    deinit {
        if let editor { paceline_edit_close(editor) }
        close(wakingPipe.reading)
        close(wakingPipe.writing)
    }

    /// Asks for a line, on a thread of its own.
    package func line(prompt: String) async -> Entry {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { [self] in
                continuation.resume(returning: turn.withLock { read(prompt) })
            }
        }
    }

    /// Ends the waiting for a line, now or the next time, with ``Entry/end``.
    package func stop() {
        var byte: UInt8 = 0
        _ = write(wakingPipe.writing, &byte, 1)
    }

    private func read(_ prompt: String) -> Entry {
        guard let editor else {
            if isAtTerminal { StandardError.write(prompt) }
            return readLine().map { .line($0) } ?? .end
        }
        isInterrupted = false
        keys.reset()
        StandardError.write(KeyReader.bracketedPaste.on)
        defer { StandardError.write(KeyReader.bracketedPaste.off) }
        guard let text = prompt.withCString({ paceline_edit_line(editor, $0) }) else {
            // The cursor is still behind the line.
            StandardError.write(isInterrupted ? "^C\n" : "\n")
            return isInterrupted ? .interrupted : .end
        }
        var line = String(cString: text)
        if line.hasSuffix("\n") { line.removeLast() }
        if !line.isEmpty { paceline_edit_remember(editor, line) }
        return .line(line)
    }

    /// Called by the editor for each character.
    private func next(into character: UnsafeMutablePointer<wchar_t>) -> Int32 {
        while true {
            switch keys.next() {
            case .character(let scalar):
                character.pointee = wchar_t(bitPattern: scalar.value)
                return 1
            case .interrupt:
                isInterrupted = true
                return -1
            case .suspend: suspend()
            case .woken: return -1
            case .end: return 0
            }
        }
    }

    /// Stops the process as ^Z does where no line is edited, with the terminal as it was before.
    private func suspend() {
        guard let editor else { return }
        StandardError.write(KeyReader.bracketedPaste.off + "\n")
        paceline_edit_suspend(editor)
        stopThisProcess()
        paceline_edit_resume(editor)
        StandardError.write(KeyReader.bracketedPaste.on)
    }
}

/// Stops this process until somebody continues it. Returns then.
func stopThisProcess() {
    var stop = sigset_t()
    var before = sigset_t()
    sigemptyset(&stop)
    sigaddset(&stop, SIGTSTP)
    // Sent to this thread, the signal has its effect before the next line.
    pthread_sigmask(SIG_UNBLOCK, &stop, &before)
    let handler = signal(SIGTSTP, SIG_DFL)
    pthread_kill(pthread_self(), SIGTSTP)
    signal(SIGTSTP, handler)
    pthread_sigmask(SIG_SETMASK, &before, nil)
}
