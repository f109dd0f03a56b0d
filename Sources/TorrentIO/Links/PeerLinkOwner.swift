package import TorrentCore

/// Hears what a `PeerLink` receives and decides where payload goes. Called on the link's reactor only.
///
/// Every call may close the link; the link looks after each one whether it is still open.
package protocol PeerLinkOwner: AnyObject {
    /// One of fixed length, whole and well formed; whether it makes sense is for the owner to say.
    func link(_ link: PeerLink, received message: PeerMessage)
    /// A bit a piece, as many bytes as the torrent needs, lent for the call. Spare bits are not looked at.
    func link(_ link: PeerLink, receivedBitfield bytes: RawSpan)
    /// A message of an extension (BEP 10): its number, and what follows that, lent for the call.
    func link(_ link: PeerLink, receivedExtended id: UInt8, _ payload: RawSpan)

    /// Calls `aim` with slot and length of each block that this link was asked for, in that order, until a slot is
    /// taken or `aim` returns false. `begun`, which is being received already, is left out. Slots must not overlap,
    /// since one read fills them all. No block is admitted by this.
    func link(
        _ link: PeerLink, aimBehind begun: WireBlock?, _ aim: (UnsafeMutableRawPointer, Int) -> Bool)
    /// A block begins. The answer says where its bytes go.
    func link(_ link: PeerLink, admit block: WireBlock) -> PayloadDestination
    /// The bytes of an admitted block are all in their slot.
    func link(_ link: PeerLink, finished block: BlockRequest)
    /// All bytes of a discarded block have been received.
    func link(_ link: PeerLink, discarded block: WireBlock)

    /// The socket can take more, and `servable` is not empty: have some read, and call `send(_:from:)` with them,
    /// at once or later and followed by `flush`.
    func linkWantsBlocks(_ link: PeerLink)
    /// The kernel has this block's last byte, and on a slow line has sent nearly all that it held.
    func link(_ link: PeerLink, sent block: BlockRequest)
    /// What was sent by `send(awaited:)` has left for the kernel, with all that was said before it.
    func linkSentAwaited(_ link: PeerLink)
    /// Messages have waited for `time` behind blocks before they were sent.
    func link(_ link: PeerLink, keptMessagesWaiting time: Duration)
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
    /// The system reported an error: most often that the other side has reset the connection.
    case failed(SystemError)
    /// The file that this block was being sent from has become shorter.
    case contentShrank(BlockRequest)
    /// The peer sent something that is no valid message.
    case malformed(WireError)
    /// The peer reads nothing of what we send, and too much of it is waiting.
    case deaf
}
