/// Where the payload of blocks stands, back to back in their order.
package enum OutboundPayload {
    /// Read; the buffer goes back to the `ReadBufferPool` that it is from.
    case buffer(UnsafeMutableRawBufferPointer)
    /// Only for a link that `sendsMappings`.
    case mapping(MappedPayload)

    var bytes: UnsafeRawBufferPointer {
        switch self {
        case .buffer(let buffer): UnsafeRawBufferPointer(buffer)
        case .mapping(let mapping): mapping.bytes
        }
    }
}
