/// What is to be done with a torrent.
package enum PeerRole: Sendable {
    /// Serve what is there, fetch nothing.
    case seed
    /// Fetch what is missing, and serve.
    case leech
    /// Fetch the metadata of a magnet link, and end; nothing is read or written of the content.
    case look
}
