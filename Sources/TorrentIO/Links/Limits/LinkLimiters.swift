package import TorrentCore

/// The rate limits of a link, which it shares with others; nil is no limit at this moment.
package struct LinkLimiters: Sendable {
    private let downloads: SharedRateLimiter?
    private let uploads: SharedRateLimiter?

    /// What received blocks are counted by; nil as long as there is no limit.
    package var download: SharedRateLimiter? { downloads.flatMap { $0.isLimiting ? $0 : nil } }
    /// What sent blocks are counted by; nil as long as there is no limit.
    package var upload: SharedRateLimiter? { uploads.flatMap { $0.isLimiting ? $0 : nil } }

    /// Without a limiter there will never be a limit.
    package init(download: SharedRateLimiter? = nil, upload: SharedRateLimiter? = nil) {
        downloads = download
        uploads = upload
    }

    /// Bytes a second, to be changed at any time; nil is no limit. Whoever keeps to them keeps to `outer`, too.
    package init(download: Int?, upload: Int?, within outer: LinkLimiters = LinkLimiters(), at now: Moment) {
        downloads = SharedRateLimiter(rate: download, within: outer.downloads, at: now)
        uploads = SharedRateLimiter(rate: upload, within: outer.uploads, at: now)
    }

    /// From any thread; `PeerLink.limitsChanged` says it to those who wait for the old ones.
    package func setRates(download: Int?, upload: Int?, at now: Moment) {
        downloads?.setRate(download, at: now)
        uploads?.setRate(upload, at: now)
    }
}
