import Glibc

/// How many files and connections the process may have open.
package enum DescriptorLimit {
    /// Raises the limit as far as the system lets it be raised; returns it, nil where it is not known.
    package static func raise() -> UInt? {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return nil }
        let before = limit.rlim_cur
        limit.rlim_cur = limit.rlim_max
        return UInt(setrlimit(resource, &limit) == 0 ? limit.rlim_cur : before)
    }
}
