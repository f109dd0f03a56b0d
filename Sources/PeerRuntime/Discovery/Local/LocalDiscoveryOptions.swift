/// What a node does on the networks that this machine is in. All of it is off unless somebody wants it.
package struct LocalDiscoveryOptions: Sendable {
    /// Torrents that are not private are announced there, and looked for (BEP 14).
    package var isOn = false
    /// Whoever is on this machine, or on a network that it is in with no router between, is held to no rate limit:
    /// neither the node's nor the torrent's. However he was found: it goes by his address.
    package var isUnlimited = false

    package init() {}
}
