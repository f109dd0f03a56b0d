import Glibc
package import TorrentCore

extension PeerLink {
    // A link reads up to 64 blocks at once, four times in a row; then other links may.
    private static let pairsARead = 64
    private static let readsAnEvent = 4
    /// Memory for discarded bytes. Nobody reads it, so several reactors may write to it at once.
    nonisolated(unsafe) private static let discarded = UnsafeMutableRawBufferPointer.allocate(
        byteCount: 64 << 10, alignment: 4096)

    /// The slot that is being received into is needed for something else: the rest of its block is discarded.
    package func forgetSlot() {
        payload?.forgetSlot()
    }

    /// The block whose bytes are coming into a slot now, if there is one.
    package var receiving: BlockRequest? { payload?.block }

    /// What was read before the link began is dealt with like what comes now; then reading begins.
    func receiveEarly() {
        guard isOpen else { return }
        do throws(LinkEnd) {
            try parse()
        } catch {
            return end(error)
        }
        resume()
    }

    func receive() {
        for _ in 0..<Self.readsAnEvent {
            guard isOpen, !interest.paused.contains(.read) else { return }
            do throws(LinkEnd) {
                guard try receiveOnce() else { return }
            } catch {
                return end(error)
            }
        }
    }

    /// False if the stream has nothing more for now.
    private func receiveOnce() throws(LinkEnd) -> Bool {
        let most = Self.pairsARead * TorrentGeometry.blockLength
        let allowed: Int
        switch allowance.reading(upTo: most, at: reactor.now) {
        case .bytes(let count): allowed = count
        case .wait(let moment):
            pause(.read, until: moment)
            return false
        }
        // Whoever hangs up has read nothing.
        var unread = allowed
        defer { if allowed != .max { allowance.giveBack(unread: unread) } }
        let (read, wanted) = try payload == nil && !inbound.isEmpty ? readIntoBuffer(allowed) : readAimed(allowed)
        unread -= read
        return read > 0 && read >= wanted
    }

    // MARK: Into the inbound buffer

    private func readIntoBuffer(_ allowed: Int) throws(LinkEnd) -> (read: Int, wanted: Int) {
        var wanted = 0
        let stream = stream
        let read = try inbound.fill { (free) throws(LinkEnd) in
            wanted = min(free.count, allowed)
            let part = UnsafeMutableRawBufferPointer(rebasing: free[..<wanted])
            return try Self.received { () throws(SystemError) in try stream.read(into: part) }
        }
        if read > 0 { try parse() }
        return (read, wanted)
    }

    /// Deals with every whole message in the inbound buffer.
    private func parse() throws(LinkEnd) {
        while isOpen, payload == nil, !inbound.isEmpty {
            // Our answers pile up if the peer reads none of them.
            guard !messages.isTooMuch else { throw .deaf }
            switch try inbound.next() {
            case .incomplete: return
            case .message(let message, let size):
                inbound.consume(size)
                owner.link(self, received: message)
            case .bitfield(let body, let size):
                inbound.withBytes { owner.link(self, receivedBitfield: $0.extracting(body)) }
                if isOpen { inbound.consume(size) }
            case .extended(let id, let body, let size):
                inbound.withBytes { owner.link(self, receivedExtended: id, $0.extracting(body)) }
                if isOpen { inbound.consume(size) }
            case .unknown(let size):
                inbound.consume(size)
                // It says no more than that somebody is there.
                owner.link(self, received: .keepAlive)
            case .piece(let block, let headerSize):
                inbound.consume(headerSize)
                begin(block)
                takeBufferedPayload()
            }
        }
    }

    /// Moves payload that came along with messages to its slot.
    private func takeBufferedPayload() {
        guard isOpen, let current = payload else { return }
        let count = min(inbound.count, current.missing)
        if let target = current.target { inbound.copyFront(count, to: target) }
        inbound.consume(count)
        advancePayload(by: count)
    }

    // MARK: Straight into the slots

    private func readAimed(_ allowed: Int) throws(LinkEnd) -> (read: Int, wanted: Int) {
        // The headers of predicted blocks, 13 bytes each.
        try withUnsafeTemporaryAllocation(
            byteCount: Self.pairsARead * PieceHeader.byteCount, alignment: 16
        ) { headers throws(LinkEnd) in
            var vectors = aim(headers)
            if vectors.isEmpty { return try readIntoBuffer(allowed) }
            let wanted = Self.cut(&vectors, to: allowed)
            let read = try Self.received { () throws(SystemError) in
                try vectors.withUnsafeBufferPointer { (list) throws(SystemError) in try stream.read(into: list) }
            }
            if read > 0 { try distribute(ScatteredBytes(vectors, count: read), payloadLength: vectors[0].iov_len) }
            return (read, wanted)
        }
    }

    /// Where one read is to put the bytes: first the rest of a block that has begun, then pairs of header and slot for
    /// the blocks that come next if the other side answers in the order in which we asked. None: the inbound buffer.
    private func aim(_ headers: UnsafeMutableRawBufferPointer) -> [iovec] {
        var vectors: [iovec] = []
        if let payload {
            let target = payload.target ?? Self.discarded.baseAddress
            let length = payload.slot == nil ? min(payload.missing, Self.discarded.count) : payload.missing
            vectors.append(iovec(iov_base: target, iov_len: length))
            guard length == payload.missing else { return vectors }
        }
        guard var header = headers.baseAddress else { return vectors }
        let end = header + headers.count
        owner.link(self, aimBehind: payload?.wire) { slot, length in
            vectors.append(iovec(iov_base: header, iov_len: PieceHeader.byteCount))
            vectors.append(iovec(iov_base: slot, iov_len: length))
            header += PieceHeader.byteCount
            return header < end
        }
        assert(Self.areApart(vectors), "two parts of one read are aimed at one place")
        return vectors
    }

    private static func areApart(_ vectors: [iovec]) -> Bool {
        let starts = vectors.compactMap(\.iov_base)
        return vectors.indices.allSatisfy { one in
            (one + 1..<vectors.count).allSatisfy { other in
                starts[one] + vectors[one].iov_len <= starts[other]
                    || starts[other] + vectors[other].iov_len <= starts[one]
            }
        }
    }

    /// Hands out what one read brought. As long as the blocks are the predicted ones, each lies where it belongs and
    /// nothing is copied. Where a `have` came between, those behind it are moved up; whatever else comes between,
    /// the rest becomes one stretch in the inbound buffer.
    // Only a `have` may be handled on the way: other messages can take away a slot that still holds unread bytes.
    private func distribute(_ bytes: ScatteredBytes, payloadLength: Int) throws(LinkEnd) {
        let reader = inbound.reader
        var rest = bytes
        if payload != nil {
            let taken = min(rest.count, payloadLength)
            rest.skip(taken)
            advancePayload(by: taken)
        }
        while isOpen, rest.count > 0 {
            switch try rest.withFront(reader.start) {
            case .message(.have(let piece), let size):
                rest.skip(size)
                owner.link(self, received: .have(piece))
            case .piece(let block, let headerSize):
                rest.skip(headerSize)
                begin(block)
                guard isOpen, let current = payload else { return }
                let taken = min(rest.count, current.missing)
                if let slot = current.slot {
                    guard rest.mayMove(taken, to: slot) else { return try gather(&rest) }
                    rest.move(taken, to: slot)
                } else {
                    rest.skip(taken)
                }
                advancePayload(by: taken)
            default:
                return try gather(&rest)
            }
        }
    }

    private func gather(_ rest: inout ScatteredBytes) throws(LinkEnd) {
        inbound.gather(&rest)
        takeBufferedPayload()
        try parse()
    }

    // MARK: Blocks

    private func begin(_ wire: WireBlock) {
        switch owner.link(self, admit: wire) {
        case .slot(let slot, let block):
            if isOpen { payload = IncomingPayload(wire, block: block, slot: slot) }
        case .discard:
            if isOpen { payload = IncomingPayload(wire) }
        case .refuse:
            break
        }
    }

    private func advancePayload(by count: Int) {
        guard var current = payload else { return }
        current.advance(by: count)
        guard current.missing == 0 else {
            payload = current
            return
        }
        payload = nil
        if let block = current.block {
            owner.link(self, finished: block)
        } else {
            owner.link(self, discarded: current.wire)
        }
    }

    // MARK: System calls

    /// Bytes received, 0 if there are none now.
    private static func received(_ read: () throws(SystemError) -> Int?) throws(LinkEnd) -> Int {
        let count: Int?
        do throws(SystemError) { count = try read() } catch { throw .failed(error) }
        guard count != 0 else { throw .closedByPeer }
        return count ?? 0
    }

    /// Shortens `vectors` to `allowance` bytes in all; their sum is the result.
    private static func cut(_ vectors: inout [iovec], to allowance: Int) -> Int {
        var sum = 0
        for position in vectors.indices {
            let room = allowance - sum
            if vectors[position].iov_len >= room {
                vectors[position].iov_len = room
                vectors.removeSubrange((position + 1)...)
                return allowance
            }
            sum += vectors[position].iov_len
        }
        return sum
    }
}
