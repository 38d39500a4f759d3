/// A link of a coordinator, by what comes in on it.
enum CoordinatorLink: String {
    case control
    case client
    case result
}
