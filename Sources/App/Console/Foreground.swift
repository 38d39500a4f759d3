import Glibc

/// The terminal's group of processes in the foreground.
enum Foreground {
    /// Whether this process belongs to it: the terminal is this program's to write on and to read keys from.
    static var isOurs: Bool {
        let group = tcgetpgrp(STDOUT_FILENO)
        return group < 0 || group == getpgrp()
    }
}
