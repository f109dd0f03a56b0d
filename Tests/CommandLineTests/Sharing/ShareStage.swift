import TestSupport

/// `share` at work on loopback.
extension Stage {
    /// Starts it; the catalogue has a free port.
    func startShare(
        _ paths: [String], _ options: [String] = [], environment: [String: String] = [:],
        streams: ChildStreams = ChildStreams(), isJSON: Bool = true
    ) throws -> RunningProcess {
        try start(
            Executables.peer,
            ["share"] + paths + ["--tracker", "127.0.0.1:0", "--listen", "127.0.0.1:0"] + options
                + (isJSON ? ["--json"] : []), name: "share", environment: environment, streams: streams)
    }

    /// Gets `what` into a folder of this name, and ends.
    func startGet(_ what: String, _ folder: String, _ options: [String] = []) throws -> RunningProcess {
        try start(
            Executables.peer,
            ["get", what, "--dir", try self.folder.folder(folder), "--listen", "127.0.0.1:0", "--json"] + options,
            name: "get \(folder)")
    }
}

extension RunningProcess {
    /// What is shared, once it is.
    func sharing(within limit: Duration = .seconds(20)) async throws -> ProgramEvent {
        try await waitForEvent("sharing", within: limit)
    }
}
