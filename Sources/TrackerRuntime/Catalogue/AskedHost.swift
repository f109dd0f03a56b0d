import TorrentCore

/// The tracker's own address as an asker reached it: the `Host` of the request.
struct AskedHost {
    private let url: TrackerURL

    /// Nil if there is none, or none that could be a host's.
    init?(_ head: HTTPRequestHead, in bytes: RawSpan) {
        guard let field = head.field("host", in: bytes), !field.isEmpty, field.count <= Self.longest,
            !field.contains(where: { $0 <= 0x20 || $0 >= 0x7F || Self.ends.contains($0) }),
            let url = try? TrackerURL("http://\(String(decoding: field, as: UTF8.self))/announce")
        else { return nil }
        self.url = url
    }

    /// Bytes; a name of the DNS has 253 at the most.
    private static let longest = 262
    /// What ends a host in a URL, or stands before one.
    private static let ends = Array("/?#@\\%\"'<>".utf8)

    var announceURL: String { url.description }

    /// An address, or `localhost`: no page of the world can have such a name.
    var isSafe: Bool { IPAddress(url.host) != nil || url.host.lowercased() == "localhost" }
}
