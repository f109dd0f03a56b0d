import TorrentCore

// What is asked of others, and what comes of it.
extension DHTNode {
    /// Sends a question.
    mutating func ask(
        _ method: KRPCQuery.Method, of endpoint: Endpoint, id: NodeID?, for purpose: OpenQuestions.Purpose,
        wantsBothFamilies: Bool = false
    ) {
        let question = OpenQuestions.Question(endpoint: endpoint, id: id, purpose: purpose, sentAt: now)
        let times = asking.roundTrips.times(rules.patience)
        let transaction = asking.questions.ask(question, forgottenAt: now + times.forgotten)
        var query = KRPCQuery(method, transaction: transaction, sender: identity.id)
        query.isReadOnly = configuration.isReadOnly
        if wantsBothFamilies { query.wants = [.v4, .v6] }
        traffic.asked += 1
        send(query.encoded(), to: endpoint)
    }

    mutating func send(_ bytes: [UInt8], to endpoint: Endpoint) {
        guard bytes.count <= limits.datagramBytes else { return }
        traffic.sentBytes += bytes.count
        effects.append(.send(bytes, to: endpoint))
    }

    mutating func read(_ datagram: RawSpan, from sender: Endpoint, beside: (NodeID) -> [DHTContact]) {
        traffic.receivedBytes += datagram.byteCount
        guard sender.address.isV4 == configuration.isV4, sender.port != 0 else {
            traffic.useless += 1
            return
        }
        do throws(KRPCError) {
            switch try KRPCMessage(datagram) {
            case .query(let query): heard(query, from: sender, beside: beside)
            case .response(let response): answered(response, from: sender)
            case .failure(let failure): refused(failure, from: sender)
            }
        } catch {
            misunderstood(error, from: sender)
        }
    }

    // MARK: Answers

    private mutating func answered(_ response: KRPCResponse, from sender: Endpoint) {
        guard let question = asking.questions.answered(response.transaction, from: sender) else {
            traffic.useless += 1
            return
        }
        let took = asking.answered(question, at: now)
        traffic.answered += 1
        guard question.id.map({ $0 == response.sender }) ?? true, response.sender != identity.id else {
            // Whoever that is, it is not the one that was named.
            if let id = question.id { table.drop(DHTContact(id, sender)) }
            isSomebodyElse(question, DHTContact(response.sender, sender))
            failed(question, .refused(code: 0))
            return
        }
        prove(DHTContact(response.sender, sender))
        somebodyAnswered()
        if fits(DHTContact(response.sender, sender)) { vote(response.seenAt, by: sender, question) }
        tell(response.nodes6, response.nodes, by: sender.address)
        let nodes = (configuration.isV4 ? response.nodes : response.nodes6) ?? []
        switch question.purpose {
        case .lookup(let number, let candidate):
            guard let lookup = walks[number] else { return }
            answered(lookup, candidate, response, nodes, after: took)
        case .announce(let number, let candidate):
            guard let lookup = walks[number] else { return }
            announced(lookup, candidate, .stored(after: took))
        case .ping(let inquiry):
            pinged(inquiry, question, as: response.sender, .answered(after: took, nodes: 0, peers: 0))
        case .care: suggest(nodes, by: sender.address)
        }
    }

    private mutating func refused(_ failure: KRPCFailure, from sender: Endpoint) {
        guard let question = asking.questions.answered(failure.transaction, from: sender) else {
            traffic.useless += 1
            return
        }
        _ = asking.answered(question, at: now)
        traffic.answered += 1
        if isOwedAnAnswer(question), let id = question.id {
            table.failed(DHTContact(id, question.endpoint))
            tendSoon()
        }
        failed(question, .refused(code: failure.code))
    }

    /// Whoever answers `ping` and `find_node` with errors is of no use to the table.
    private func isOwedAnAnswer(_ question: OpenQuestions.Question) -> Bool {
        switch question.purpose {
        case .care: true
        case .lookup(let number, _): walks[number].map { $0.purpose.infoHash == nil } ?? false
        case .announce, .ping: false
        }
    }

    /// The time of an answer is over.
    mutating func forgotten(_ question: OpenQuestions.Question) {
        traffic.timedOut += 1
        let isSilent = asking.isSilent(question)
        if isSilent, let id = question.id {
            table.failed(DHTContact(id, question.endpoint))
            tendSoon()
        }
        failed(question, .silent)
        if asking.isCutOff(at: now) { cutOff() }
    }

    mutating func notDelivered(_ endpoint: Endpoint) {
        for question in asking.questions.takeAll(to: endpoint) { forgotten(question) }
    }

    /// A question has come to nothing.
    private mutating func failed(_ question: OpenQuestions.Question, _ result: DHTStep.Result) {
        switch question.purpose {
        case .lookup(let number, let candidate):
            guard let lookup = walks[number] else { return }
            failed(lookup, candidate, question, result)
        case .announce(let number, let candidate):
            guard let lookup = walks[number] else { return }
            announced(lookup, candidate, result)
        case .ping(let inquiry): pinged(inquiry, question, as: question.id, result)
        case .care: return
        }
    }

    /// Nodes of the other family, while we look for a place to begin (BEP 32).
    private mutating func tell(_ nodes6: [DHTContact]?, _ nodes4: [DHTContact]?, by address: IPAddress) {
        guard joining.phase != .settled, let others = configuration.isV4 ? nodes6 : nodes4 else { return }
        let endpoints = others.prefix(Lookup.nodesAnAnswer).map(\.endpoint).filter {
            $0.port != 0 && $0.address.isV4 != configuration.isV4 && isPlausible($0.address, namedBy: address)
        }
        if !endpoints.isEmpty { effects.append(.otherFamily(endpoints)) }
    }
}
