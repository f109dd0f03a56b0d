// Where redirects lead (RFC 9110, 15.4).

extension NetworkURL {
    /// The URL that `location` names, absolute or relative to this one (RFC 3986, 5.2). User name and password are kept
    /// only for the same host.
    public func redirected(to location: String) throws(NetworkURLError<Scheme>) -> NetworkURL {
        let scalars = location.unicodeScalars
        if scalars.starts(with: "//".unicodeScalars) { return try redirected(to: "\(scheme.rawValue):\(location)") }
        if let mark = scalars.firstRange(of: "://".unicodeScalars),
            scalars[..<mark.lowerBound].allSatisfy({ $0.properties.isAlphabetic })
        {
            let url = try NetworkURL(location)
            guard url.userInfo.isEmpty, url.host == host, url.port == port, url.scheme == scheme else { return url }
            return try url.with(target: url.target, userInfo: userInfo)
        }
        let path = target.prefix { $0 != "?" }
        switch scalars.first {
        case "/": return try with(target: Self.withoutDots(location), userInfo: userInfo)
        case "?": return try with(target: "\(path)\(location)", userInfo: userInfo)
        case nil, "#": return self
        default:
            let folder = path[...(path.lastIndex(of: "/") ?? path.startIndex)]
            return try with(target: Self.withoutDots("\(folder)\(location)"), userInfo: userInfo)
        }
    }

    /// The same place, asked for something else.
    func with(target: String, userInfo: String) throws(NetworkURLError<Scheme>) -> NetworkURL {
        try NetworkURL(scheme: scheme, host: host, port: port, target: target, userInfo: userInfo)
    }

    /// Carries out the `.` and `..` of a path (RFC 3986, 5.2.4); the query stays as it is.
    private static func withoutDots(_ target: String) -> String {
        let end = target.unicodeScalars.firstIndex { $0 == "?" || $0 == "#" } ?? target.endIndex
        let segments = target[..<end].unicodeScalars.split(separator: "/", omittingEmptySubsequences: false)
            .map { Substring($0) }
        guard segments.contains(where: { $0 == "." || $0 == ".." }) else { return target }
        var kept: [Substring] = []
        for (place, segment) in segments.dropFirst().enumerated() {
            let isLast = place == segments.count - 2
            switch segment {
            case ".": if isLast { kept.append("") }
            case "..":
                _ = kept.popLast()
                if isLast { kept.append("") }
            default: kept.append(segment)
            }
        }
        return "/" + kept.joined(separator: "/") + target[end...]
    }
}
