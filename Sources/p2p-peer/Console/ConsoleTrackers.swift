internal import ByteStrings
internal import CommandLineKit
internal import PeerRuntime
internal import TorrentCore
internal import TrackerRuntime

/// The tracker whose list is used, and the one that runs here.
struct ConsoleTrackers {
    private(set) var own: CompanionTracker?
    private var client: CatalogueClient?
    /// By host and port of the tracker that each was given for: no other gets to see it.
    private var tokens: [String: String] = [:]
    /// What the list has shown last.
    let offers = Offers()

    init(_ arguments: ParsedArguments, _ output: Output) throws(CommandError) {
        let place = try arguments.value(PublishCommand.catalogue, .path)
        guard place != nil || !arguments.isOnCommandLine(PublishToken.file) else {
            throw CommandError(.usage, "--token-file is for one tracker: name it with --to, or later by use URL")
        }
        let token = try PublishToken.value(arguments, output)
        own = try CompanionTracker(arguments, output)
        if let own { try use(ByteString(own.catalogueURL)) }
        if let place { try use(place, token: token) }
    }

    /// From now on the list of the tracker at `url` is used, and its `token` if one is given; its URL for people.
    @discardableResult
    mutating func use(_ url: ByteString, token: String? = nil) throws(CommandError) -> String {
        let place = try WebAddress.catalogue(url)
        if let token { tokens[place.authority] = token }
        let client = try CatalogueClient.open(place, token: tokens[place.authority])
        self.client = client
        offers.all = []
        return client.name
    }

    /// Runs one here, and uses it.
    mutating func start(
        at place: HostPort, _ arguments: ParsedArguments, _ output: Output
    ) throws(CommandError) {
        if let own { throw CommandError(.failure, "a tracker runs here already, at \(own.announceURLs[0])") }
        let started = try CompanionTracker(at: place, arguments, output)
        own = started
        try use(ByteString(started.catalogueURL))
    }

    func stop() { own?.stop() }

    /// Whom to ask. Throws if no tracker's list is in use.
    func inUse() throws(CommandError) -> CatalogueClient {
        if let client { return client }
        throw CommandError(.usage, "no tracker is in use: tracker runs one here, use URL takes another's")
    }

    /// The one that runs here, if it is the one in use: it needs no asking.
    var ownInUse: CompanionTracker? {
        guard let own, let client, own.catalogueURL == client.name else { return nil }
        return own
    }

    /// Host and port of the tracker in use, as torrents name it; nil if there is none.
    func announceAuthority() throws(CommandError) -> String? {
        guard client != nil else { return nil }
        return try WebAddress.catalogue(ByteString(try announceURL())).authority
    }

    /// Where what is uploaded to the tracker in use announces itself: at the one that runs here by the address by which
    /// others reach it.
    func announceURL() throws(CommandError) -> String {
        if let own = ownInUse, let best = own.announceURLs.first { return best }
        return try inUse().name + "/announce"
    }
}
