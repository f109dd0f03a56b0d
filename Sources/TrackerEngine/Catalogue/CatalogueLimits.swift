/// Named bounds of a catalogue.
package struct CatalogueLimits: Sendable, Hashable {
    /// Torrents that are listed. For a further one the oldest without peers makes room.
    package var torrents = 10_000
    /// Bytes of one .torrent.
    package var torrentBytes = 10 << 20
    /// Bytes of all together, with what is listed of their files: they are held in memory. 10,000 torrents of usual
    /// size (20 KiB) fill it.
    package var bytes = 256 << 20
    /// Torrents that one address may have published where everybody may.
    package var torrentsPerAddress = 100
    /// Bytes of these.
    package var bytesPerAddress = 16 << 20
    /// Peers of one torrent whose names are kept.
    package var names = 64
    /// The same of all torrents together.
    package var namesOfAll = 100_000

    package init() {}
}
