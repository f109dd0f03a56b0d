package import TorrentCore

/// Hears what a `PeerLink` receives and decides where payload goes. Called on the link's reactor only.
///
/// Every call may close the link; the link looks after each one whether it is still open.
package protocol PeerLinkOwner: AnyObject {
    func link(_ link: PeerLink, received message: PeerMessage)
    func link(_ link: PeerLink, receivedBitfield bytes: RawSpan)
    func link(_ link: PeerLink, receivedExtended id: UInt8, _ payload: RawSpan)

    /// Calls `aim` with the slots, and their lengths, of the blocks that this link was asked for, in the order in which
    /// it was asked, up to one whose place is taken, or until `aim` says false; `begun`, which is coming in already, is
    /// left out. No two may overlap: one read is aimed at all of them. Nothing is promised by that.
    func link(
        _ link: PeerLink, aimBehind begun: WireBlock?, _ aim: (UnsafeMutableRawPointer, Int) -> Bool)
    /// A block begins. The answer says where its bytes go.
    func link(_ link: PeerLink, admit block: WireBlock) -> PayloadDestination
    /// The bytes of an admitted block are all in their slot.
    func link(_ link: PeerLink, finished block: BlockRequest)
    /// A discarded block has gone by.
    func link(_ link: PeerLink, discarded block: WireBlock)

    /// The socket can take more, and `servable` is not empty: have some read, and call `send(_:from:)` with them,
    /// at once or later and followed by `flush`.
    func linkWantsBlocks(_ link: PeerLink)
    /// This block's last byte is with the kernel, and on a slow line nearly all that the kernel had is on its way.
    func link(_ link: PeerLink, sent block: BlockRequest)
    /// What was to be said has been kept waiting so long by a block that was on its way.
    func link(_ link: PeerLink, keptWordsWaiting time: Duration)
    /// The link has ended by itself; never called after `close`.
    func link(_ link: PeerLink, ended reason: LinkEnd)
}

/// Where the payload of one block goes.
package enum PayloadDestination {
    /// Into the slot of this block; its owner keeps the memory until `finished` or until it calls `forgetSlot`.
    case slot(UnsafeMutableRawPointer, BlockRequest)
    /// Nowhere: nobody wants it.
    case discard
    /// The link has been closed.
    case refuse
}

/// How a link ended by itself.
package enum LinkEnd: Error, Equatable, Sendable {
    /// The other side closed in good order.
    case closedByPeer
    case failed(SystemError)
    /// The file that this block was being sent from has become shorter.
    case contentShrank(BlockRequest)
    /// What came is no message.
    case malformed(WireError)
    /// It takes in nothing of what we say, however much that has become.
    case deaf
}
