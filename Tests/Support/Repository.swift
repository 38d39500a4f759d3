import Foundation

/// Folders of the checkout that the tests were built from.
package enum Repository {
    package static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Files that tests compare with; `scripts/fixtures/` makes them.
    package static let fixtures = root.appending(path: "Tests/Fixtures")

    /// The directory of a model for which public cases have values (`Tests/Fixtures/field-cases`).
    package static let fieldCaseModel = fixtures.appending(path: "field-cases/base").path(percentEncoded: false)

    /// The directory of the embedded model.
    package static let demoModel = root.appending(path: "cluster/demo").path(percentEncoded: false)
}
