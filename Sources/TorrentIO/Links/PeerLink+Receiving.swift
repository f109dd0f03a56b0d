import Glibc
package import TorrentCore

/// A block whose header has been read and whose bytes are coming.
struct IncomingPayload {
    let wire: WireBlock
    /// Nil: the bytes are thrown away.
    var block: BlockRequest?
    var slot: UnsafeMutableRawPointer?
    var filled = 0

    var missing: Int { Int(wire.length) - filled }
}

/// The bytes that one read is aimed at: first the rest of a block that has begun, then pairs of header and slot for the
/// blocks that come next if the other side answers in the order in which we asked, else the inbound buffer.
private struct Aim {
    var vectors: [iovec] = []
    var predicted: [(wire: WireBlock, slot: UnsafeMutableRawPointer)] = []
}

extension PeerLink {
    // A read of up to 64 blocks, four times, then the next link.
    private static let pairsARead = 64
    private static let readsATurn = 4
    /// What discarded bytes are read into; only ever written to, by whichever reactor, so it does not matter by whom.
    nonisolated(unsafe) private static let discarded = UnsafeMutableRawBufferPointer.allocate(
        byteCount: 64 << 10, alignment: 4096)

    /// The block that is being received into this slot has to go elsewhere: nobody wants it any more.
    package func forgetSlot() {
        payload?.block = nil
        payload?.slot = nil
    }

    /// The block whose bytes are coming into a slot now, if there is one.
    package var receiving: BlockRequest? { payload?.block }

    func receive() {
        for _ in 0..<Self.readsATurn {
            guard isOpen, !paused.contains(.read) else { return }
            do throws(LinkEnd) {
                guard try receiveOnce() else { return }
            } catch {
                return end(error)
            }
        }
    }

    /// False if the socket has nothing more for now.
    private func receiveOnce() throws(LinkEnd) -> Bool {
        var allowance = Int.max
        if let limiter = limiters.download {
            allowance = limiter.take(upTo: Self.pairsARead * TorrentGeometry.blockLength, at: reactor.now)
            if allowance == 0 {
                pause(.read, until: limiter.nextAvailable(at: reactor.now))
                return false
            }
        }
        let (read, wanted) =
            try payload == nil && (!inbound.isEmpty || expected.isEmpty)
            ? readIntoBuffer(allowance) : readAimed(allowance)
        if allowance != .max { limiters.download?.giveBack(allowance - read) }
        return read > 0 && read >= wanted
    }

    // MARK: Into the inbound buffer

    private func readIntoBuffer(_ allowance: Int) throws(LinkEnd) -> (read: Int, wanted: Int) {
        var wanted = 0
        let read = try inbound.fill(upTo: inboundNeed) { (free) throws(LinkEnd) in
            wanted = min(free.count, allowance)
            let part = UnsafeMutableRawBufferPointer(rebasing: free[..<wanted])
            return try Self.received { () throws(SystemError) in try socket.read(into: part) }
        }
        if read > 0 { try parse() }
        return (read, wanted)
    }

    /// Deals with every whole message in the inbound buffer.
    private func parse() throws(LinkEnd) {
        while isOpen, payload == nil, !inbound.isEmpty {
            let start: FrameStart
            do throws(WireError) {
                start = try inbound.withBytes { (bytes) throws(WireError) in try reader.next(in: bytes) }
            } catch {
                throw .malformed(error)
            }
            switch start {
            case .incomplete(let need):
                inboundNeed = need
                return
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
            case .piece(let block, let headerSize):
                inbound.consume(headerSize)
                begin(block)
                takeBufferedPayload()
            }
        }
        inboundNeed = 0
    }

    /// Moves payload that came along with messages to its slot.
    private func takeBufferedPayload() {
        guard isOpen, let current = payload else { return }
        let count = min(inbound.count, current.missing)
        if let slot = current.slot {
            inbound.withUnsafeBytes { bytes in
                guard let base = bytes.baseAddress, count > 0 else { return }
                (slot + current.filled).copyMemory(from: base, byteCount: count)
            }
        }
        inbound.consume(count)
        advancePayload(by: count)
    }

    // MARK: Straight into the slots

    private func readAimed(_ allowance: Int) throws(LinkEnd) -> (read: Int, wanted: Int) {
        // The headers of predicted blocks, 13 bytes each.
        try withUnsafeTemporaryAllocation(
            byteCount: Self.pairsARead * PieceHeader.byteCount, alignment: 16
        ) { headers throws(LinkEnd) in
            var aim = takeAim(headers)
            if aim.vectors.isEmpty { return try readIntoBuffer(allowance) }
            let wanted = Self.cut(&aim.vectors, to: allowance)
            let read = try Self.received { () throws(SystemError) in
                try aim.vectors.withUnsafeBufferPointer { (list) throws(SystemError) in try socket.read(into: list) }
            }
            if read > 0 { try distribute(read, aim, headers) }
            return (read, wanted)
        }
    }

    private func takeAim(_ headers: UnsafeMutableRawBufferPointer) -> Aim {
        var aim = Aim()
        if let payload {
            let target = payload.slot.map { $0 + payload.filled } ?? Self.discarded.baseAddress
            let length = payload.slot == nil ? min(payload.missing, Self.discarded.count) : payload.missing
            aim.vectors.append(iovec(iov_base: target, iov_len: length))
            guard length == payload.missing else { return aim }
        }
        for position in 0..<min(expected.count, Self.pairsARead) {
            let wire = expected[position]
            guard let slot = owner.link(self, slotFor: wire), let base = headers.baseAddress else { break }
            aim.predicted.append((wire, slot))
            aim.vectors.append(
                iovec(iov_base: base + position * PieceHeader.byteCount, iov_len: PieceHeader.byteCount))
            aim.vectors.append(iovec(iov_base: slot, iov_len: Int(wire.length)))
        }
        return aim
    }

    /// Hands out what one read brought. As long as the headers are the predicted ones, nothing is copied.
    private func distribute(_ count: Int, _ aim: Aim, _ headers: UnsafeMutableRawBufferPointer) throws(LinkEnd) {
        var left = count
        let firstPair = payload == nil ? 0 : 1
        if let payload {
            let taken = min(left, payload.slot == nil ? aim.vectors[0].iov_len : payload.missing)
            advancePayload(by: taken)
            left -= taken
        }
        for (position, (wire, slot)) in aim.predicted.enumerated() {
            guard isOpen, left > 0 else { return }
            let at = position * PieceHeader.byteCount
            let header = UnsafeRawBufferPointer(rebasing: headers[at..<min(at + PieceHeader.byteCount, headers.count)])
            guard left >= header.count, Self.isHeader(header, of: wire) else {
                var rest = ScatteredBytes(aim.vectors[(firstPair + 2 * position)...], count: left)
                return try deliver(&rest)
            }
            left -= PieceHeader.byteCount
            begin(wire)
            guard isOpen, let current = payload else { return }
            let taken = min(left, current.missing)
            if let chosen = current.slot, chosen != slot { chosen.copyMemory(from: slot, byteCount: taken) }
            advancePayload(by: taken)
            left -= taken
        }
    }

    /// The answer was not the predicted one. Where only a `have` came between, what stands behind it is moved up, block
    /// by block; whatever else becomes one stretch again in the inbound buffer.
    // A `have` is also all that may be heard meanwhile: other words can cost a slot that still holds unread bytes.
    private func deliver(_ rest: inout ScatteredBytes) throws(LinkEnd) {
        while isOpen, rest.count > 0 {
            let start: FrameStart
            do throws(WireError) {
                start = try rest.withFront { (bytes) throws(WireError) in try reader.next(in: bytes) }
            } catch {
                throw .malformed(error)
            }
            switch start {
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
        rest.moveAll(to: &inbound)
        takeBufferedPayload()
        try parse()
    }

    // MARK: Blocks

    private func begin(_ wire: WireBlock) {
        expected.remove(wire)
        switch owner.link(self, admit: wire) {
        case .slot(let slot, let block):
            if isOpen { payload = IncomingPayload(wire: wire, block: block, slot: slot) }
        case .discard:
            if isOpen { payload = IncomingPayload(wire: wire) }
        case .refuse:
            break
        }
    }

    private func advancePayload(by count: Int) {
        guard var current = payload else { return }
        current.filled += count
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

    private static func isHeader(_ bytes: UnsafeRawBufferPointer, of wire: WireBlock) -> Bool {
        PieceHeader(bytes.bytes) == PieceHeader(wire)
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
