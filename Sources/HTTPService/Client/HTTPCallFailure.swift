package import TorrentCore
package import TorrentIO

/// Why a call brought no answer, or not all of it.
package enum HTTPCallFailure: Error, Hashable, Sendable {
    /// The address could not be reached, or the connection broke.
    case system(SystemError)
    /// What came is no answer, or breaks a limit.
    case http(HTTPError)
    /// It took too long.
    case timeout(Stage)
    /// The name of the host leads nowhere.
    case resolver(Resolver.Failure)
    /// A redirect leads to what is no URL, or to where this client cannot go.
    case badRedirect(String)
    case tooManyRedirects(limit: Int)

    /// What was waited for.
    package enum Stage: Hashable, Sendable {
        case connection
        /// The head of the answer, once the connection stood.
        case head
        /// The next part of the body.
        case body
    }
}

extension HTTPCallFailure: CustomStringConvertible {
    /// May hold words of strangers.
    package var description: String {
        switch self {
        case .system(let error): error.text.lowercased()
        case .http(let error): "\(error)"
        case .timeout(.connection): "no connection in time"
        case .timeout(.head): "no answer in time"
        case .timeout(.body): "its answer stops"
        case .resolver(let failure): "\(failure)"
        case .badRedirect(let reason): "it redirects to a bad URL: \(reason)"
        case .tooManyRedirects(let limit): "it redirects more than \(limit) times"
        }
    }
}
