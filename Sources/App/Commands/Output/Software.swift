/// Program and version, for people and other programs.
enum Software {
    static let version = "0.1.0"
    static let name = "paceline \(version)"
}
