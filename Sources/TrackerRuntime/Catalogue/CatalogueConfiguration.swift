package import TrackerEngine

/// What a tracker is told about its catalogue.
package struct CatalogueConfiguration: Sendable {
    /// False for a tracker that tracks alone.
    package var isOn = true
    /// Whoever says this in `Authorization: Bearer` may publish and withdraw; nil if nobody may but this machine.
    package var token: [UInt8]?
    /// Everybody may publish, within a quota, and withdraw what came from the same address.
    package var isOpen = false
    /// Nothing is tracked but what is listed.
    package var isListedOnly = false
    package var limits = CatalogueLimits()

    package init() {}
}
