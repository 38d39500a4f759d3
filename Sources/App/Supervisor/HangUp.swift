import Glibc

/// SIGHUP: the terminal is gone.
package enum HangUp {
    /// Whether the process was started to outlive its terminal, as by `nohup`.
    package static let isIgnored: Bool = {
        var action = sigaction()
        sigaction(SIGHUP, nil, &action)
        guard let handler = action.__sigaction_handler.sa_handler else { return false }
        return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }()
}
