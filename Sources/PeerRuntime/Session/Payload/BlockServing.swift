import TorrentCore
import TorrentIO

/// Whoever has blocks read hears when that has taken time, and what went wrong.
protocol BlockServingOwner: SessionPartOwner {
    /// A worker has read, well or not, and the link goes on.
    func readEnded()
    func failed(_ error: StorageError)
}

/// Blocks on their way out: what a link waits to serve is sent from where it lies in memory, or read into one buffer,
/// adjacent blocks in one read.
final class BlockServing {
    weak var owner: (any BlockServingOwner)?
    private let geometry: TorrentGeometry
    private let storage: FileStorage
    private let readers: BlockingWorkers
    private let reactor: Reactor

    /// Blocks that leave in one batch, at most: header and payload are two vectors each.
    private static let blocksABatch = 64

    /// With fewer in a row, reading all that waits into one buffer is cheaper than mapping them by themselves.
    private static let blocksWorthMapping = 8

    init(_ content: TorrentContent, _ context: NodeContext, _ reactor: Reactor) {
        geometry = content.geometry
        storage = content.storage
        readers = context.readers
        self.reactor = reactor
    }

    /// The link can send more, and has something to serve: gives it the next batch, at once or when a worker has read
    /// it.
    func read(for link: PeerLink) {
        if let (blocks, mapping) = mapped(link) { return link.send(blocks, from: .mapping(mapping)) }
        let buffer = link.buffers.take(atLeast: Int(link.servable[0].length))
        let blocks = link.takeServable(bytes: buffer.count, count: Self.blocksABatch)
        var position = 0
        let reads = merged(blocks)
        for read in reads {
            let part = UnsafeMutableRawBufferPointer(rebasing: buffer[position..<position + read.length])
            guard storage.readCached(part, at: read.offset) else {
                return readOnWorker(reads, blocks, buffer, link)
            }
            position += read.length
        }
        link.send(blocks, from: .buffer(buffer))
    }

    /// The blocks at the front that follow one another in the payload, as they lie in memory. Reading costs a seeder a
    /// fifth more CPU time: every byte is copied once more.
    private func mapped(_ link: PeerLink) -> (blocks: [BlockRequest], mapping: MappedPayload)? {
        let waiting = min(link.servable.count, Self.blocksABatch)
        guard waiting > 0, link.sendsMappings else { return nil }
        let start = geometry.offset(of: link.servable[0])
        var (count, length) = (0, 0)
        while count < waiting, geometry.offset(of: link.servable[count]) == start + Int64(length) {
            length += Int(link.servable[count].length)
            count += 1
        }
        guard count == waiting || count >= Self.blocksWorthMapping,
            let mapping = storage.mapCached(length, at: start)
        else { return nil }
        return (link.takeServable(bytes: length, count: count), mapping)
    }

    private struct PayloadRange: Sendable {
        var offset: Int64
        var length: Int
    }

    /// Blocks that follow one another in the payload are one read.
    private func merged(_ blocks: [BlockRequest]) -> [PayloadRange] {
        var ranges: [PayloadRange] = []
        for block in blocks {
            let offset = geometry.offset(of: block)
            if let last = ranges.last, last.offset + Int64(last.length) == offset {
                ranges[ranges.count - 1].length += Int(block.length)
            } else {
                ranges.append(PayloadRange(offset: offset, length: Int(block.length)))
            }
        }
        return ranges
    }

    private func readOnWorker(
        _ reads: [PayloadRange], _ blocks: [BlockRequest], _ buffer: UnsafeMutableRawBufferPointer, _ link: PeerLink
    ) {
        let lent = LentBuffer(bytes: buffer)
        let reply = reactor.reply { [weak self] (result: Result<Void, StorageError>) in
            switch result {
            case .success:
                link.send(blocks, from: .buffer(buffer))
                link.flush()
            case .failure(let error):
                link.send([], from: .buffer(buffer))
                self?.owner?.failed(error)
            }
            self?.owner?.readEnded()
        }
        readers.perform(reply: reply) { [storage] in
            Result { () throws(StorageError) in
                var position = 0
                for read in reads {
                    let end = position + read.length
                    try storage.read(
                        UnsafeMutableRawBufferPointer(rebasing: lent.bytes[position..<end]), at: read.offset)
                    position = end
                }
            }
        }
    }
}

/// A read buffer on its way to a worker and back.
// @unchecked: the worker alone touches it until its reply.
private struct LentBuffer: @unchecked Sendable {
    let bytes: UnsafeMutableRawBufferPointer
}
