import TorrentCore
import TorrentIO

// Answers whose bodies come piece by piece.
extension HTTPConnection {
    /// Leaves the whole answer to the source; false if the connection must not go on after it.
    func begin(wholeFrom source: any HTTPBodySource, _ framing: HTTPFraming) -> Bool {
        stream = AnswerStream(wholeFrom: source)
        source.begin(HTTPOutlet(self))
        return framing.stays
    }

    /// Writes the head; false if the connection must not go on after the answer.
    func begin(_ answer: HTTPStreamHead, from source: any HTTPBodySource, _ framing: HTTPFraming) -> Bool {
        var framing = framing
        // Nothing but the end of the connection ends such a body.
        if answer.length == nil, framing.isHTTP10 { framing.stays = false }
        HTTPAnswer.append(answer, framing, to: &output)
        if framing.hasBody {
            stream = AnswerStream(source, length: answer.length, isHTTP10: framing.isHTTP10)
            source.begin(HTTPOutlet(self))
        } else {
            source.ended(.headOnly)
        }
        return framing.stays
    }

    /// Asks for the next piece, once the last one has left; false if there is none now.
    func appendPiece() -> Bool {
        guard let stream else { return false }
        guard !stream.isWaiting else {
            waitForSource(stream)
            waitForStream()
            return false
        }
        if output.isEmpty { swap(&output, &server.spareOutput) }
        deadline = server.patience.send(from: server.reactor.now)
        switch stream.append(to: &output, by: &server.sparePiece) {
        case .more, .later: return true
        case .end:
            endStream(.whole)
            return true
        case .broken:
            endStream(.broken)
            close()
            return false
        }
    }

    /// As long as its source takes. But where what the client sends is looked at no more, nobody sees it go: then it
    /// has no longer than between two requests.
    func waitForSource(_ stream: AnswerStream) {
        deadline = stream.watchesInput ? .distantFuture : server.patience.idle(from: server.reactor.now)
    }

    /// The source has more to give than it had.
    func sourceHasMore() {
        guard let stream, phase != .closed else { return }
        stream.isWaiting = false
        // What has not left yet leads to the next piece by itself.
        if output.isEmpty { flush() }
    }

    /// Tells the source once.
    func endStream(_ end: HTTPStreamEnd) {
        guard let stream else { return }
        self.stream = nil
        stream.finish(end)
    }
}
