extension String {
    /// Text of a peer as it may be shown: without control characters, which could forge lines or colour a terminal, and
    /// cut after 500 characters.
    public var printable: String {
        let shown = unicodeScalars.lazy.map { scalar -> Unicode.Scalar in
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator, .format: " "
            default: scalar
            }
        }
        var text = String.UnicodeScalarView()
        text.append(contentsOf: shown.prefix(500))
        return String(text)
    }
}

extension Hello {
    /// With every text as it may be shown.
    public var printable: Hello {
        var hello = self
        hello.name = String(name.printable.prefix(64))
        hello.hostID = String(hostID.printable.prefix(128))
        hello.software = String(software.printable.prefix(64))
        hello.instructionSet = String(instructionSet.printable.prefix(32))
        hello.dataEndpoint = dataEndpoint.printable
        return hello
    }
}
