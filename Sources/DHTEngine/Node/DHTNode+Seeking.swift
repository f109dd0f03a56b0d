import TorrentCore

// Torrents that are sought, and what is asked by hand.
extension DHTNode {
    /// Whether one more torrent may be looked up: there is somebody to ask, and those before are getting on.
    var mayBeginSeeking: Bool {
        isRunning && joining.phase != .alone && walks.active < limits.lookups
            && walks.waiting.count <= Walks.mostWaiting && walks.all.count < 2 * limits.lookups
    }

    /// What is due begins, as far as there is room.
    mutating func beginWaiting() {
        while mayBeginSeeking, let (infoHash, announcement) = seeking.begin(at: now) {
            // Some may have announced it to ourselves.
            for peer in answering.kept(of: infoHash, limit: Self.mostOfOurOwn, at: now) {
                effects.append(.peersFound(infoHash, [peer], by: peer.address))
            }
            begin(.seek(infoHash, announcement), to: NodeID(infoHash))
        }
    }

    private static let mostOfOurOwn = 16

    /// Lookups of the torrent end without being told.
    mutating func forget(_ infoHash: InfoHash) {
        seeking.forget(infoHash)
        for lookup in walks.all {
            guard case .seek(infoHash, _) = lookup.purpose else { continue }
            giveUp(lookup)
        }
    }

    // MARK: By hand

    mutating func inquire(_ id: DHTInquiryID, _ inquiry: DHTInquiry) {
        guard isRunning else {
            effects.append(.ended(id, DHTOutcome()))
            return
        }
        if case .ping(let endpoint) = inquiry {
            guard isUsable(endpoint), !asking.questions.isFull else {
                effects.append(.ended(id, DHTOutcome()))
                return
            }
            _ = asking.pace.take(at: now)
            return ask(.ping, of: endpoint, id: nil, for: .ping(id))
        }
        guard walks.queue.count < Walks.mostQueued else {
            effects.append(.ended(id, DHTOutcome()))
            return
        }
        walks.queue.append((id, inquiry))
        beginQueued()
    }

    mutating func beginQueued() {
        while isRunning, !walks.queue.isEmpty, walks.activeByHand < limits.lookups {
            let (id, inquiry) = walks.queue.removeFirst()
            switch inquiry {
            case .ping: continue
            case .nodes(let target): begin(.inquiry(id, nil, nil), to: target)
            case .peers(let infoHash): begin(.inquiry(id, infoHash, nil), to: NodeID(infoHash))
            case .announce(let infoHash, let announcement):
                begin(.inquiry(id, infoHash, announcement), to: NodeID(infoHash))
            }
        }
    }

    mutating func dropInquiry(_ id: DHTInquiryID) {
        walks.queue.removeAll { $0.id == id }
        for lookup in walks.all where lookup.purpose.inquiry == id { giveUp(lookup) }
        beginQueued()
    }

    mutating func giveUp(_ lookup: Lookup) {
        lookup.progress.isOver = true
        lookup.progress.isTold = true
        lookup.deadline = .distantFuture
        // What comes late is of no use to anybody.
        walks.remove(lookup)
    }

    /// What came of a question to one node.
    mutating func pinged(
        _ inquiry: DHTInquiryID, _ question: OpenQuestions.Question, as id: NodeID?, _ result: DHTStep.Result
    ) {
        var outcome = DHTOutcome()
        outcome.queries = 1
        outcome.took = now - question.sentAt
        var isFitting = true
        if let id {
            let contact = DHTContact(id, question.endpoint)
            isFitting = fits(contact)
            outcome.answers = 1
            outcome.closest = [contact]
        }
        let step = DHTStep(id: id, endpoint: question.endpoint, hops: 1, isFitting: isFitting, result: result)
        effects.append(.step(inquiry, step))
        effects.append(.ended(inquiry, outcome))
    }
}
