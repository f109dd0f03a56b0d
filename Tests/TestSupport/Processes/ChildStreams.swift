import Glibc

/// Where the standard streams of a child lead that are not to be collected. The descriptors stay the caller's.
package struct ChildStreams: Sendable {
    private var output: Int32?
    private var errors: Int32?
    private var terminal: String?

    /// `terminal` is the path of a terminal that becomes the child's own, with its standard input.
    package init(output: Int32? = nil, errors: Int32? = nil, terminal: String? = nil) {
        self.output = output
        self.errors = errors
        self.terminal = terminal
    }

    /// With `output` and `errors` where nothing else was said.
    func orElse(_ output: Int32, _ errors: Int32) -> ChildStreams {
        ChildStreams(output: self.output ?? output, errors: self.errors ?? errors, terminal: terminal)
    }

    /// A session of its own, whose leader gets the terminal that it opens first.
    var spawnFlags: Int32 { terminal == nil ? 0 : 0x80 }

    func add(to actions: inout posix_spawn_file_actions_t, inputFile: String) {
        if let terminal {
            posix_spawn_file_actions_addopen(&actions, 0, terminal, O_RDWR, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, inputFile, O_RDONLY, 0)
        }
        if let output { posix_spawn_file_actions_adddup2(&actions, output, 1) }
        if let errors { posix_spawn_file_actions_adddup2(&actions, errors, 2) }
    }
}
