/// The rate limits of a link, shared by all links of a node; nil is no limit.
package struct LinkLimiters: Sendable {
    package var download: SharedRateLimiter?
    package var upload: SharedRateLimiter?

    package init(download: SharedRateLimiter? = nil, upload: SharedRateLimiter? = nil) {
        self.download = download
        self.upload = upload
    }
}
