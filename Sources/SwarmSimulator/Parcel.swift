import SwarmEngine
import TorrentCore

/// What travels between two peers.
enum Parcel: NetworkCargo {
    case message(PeerMessage)
    case bitfield([UInt8])
    case extensionHandshake(ExtensionHandshake)
    /// A whole frame under the extension protocol.
    case extended([UInt8])
    case piece(BlockRequest, isCorrect: Bool)
    /// A block that the torrent does not have.
    case strayPiece(WireBlock)
    /// A block that is dropped, though its sender takes it as sent.
    case forgotten(BlockRequest)

    /// The block whose leaving its sender is told: `blockSent`.
    var served: BlockRequest? {
        switch self {
        case .piece(let block, _), .forgotten(let block): block
        default: nil
        }
    }

    /// Length on the wire.
    var bytes: Int64 {
        switch self {
        case .message: 17
        case .bitfield(let bytes): 5 + Int64(bytes.count)
        case .extensionHandshake: 80
        case .extended(let frame): Int64(frame.count)
        case .piece(let block, _): Int64(PieceHeader.byteCount) + Int64(block.length)
        case .strayPiece(let block): Int64(PieceHeader.byteCount) + Int64(block.length)
        case .forgotten: 0
        }
    }

    var handling: CargoHandling {
        switch self {
        case .message: .message
        case .piece: .payload
        case .bitfield, .extensionHandshake, .extended, .strayPiece: .ordered
        case .forgotten: .forgotten
        }
    }
}
