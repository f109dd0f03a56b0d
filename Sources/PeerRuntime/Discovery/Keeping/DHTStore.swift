import ByteStrings
import TorrentCore
import TorrentIO

/// What the DHT keeps between runs, in the folder of the records. One process of a user at a time has it: two must not
/// go by the same id.
struct DHTStore: Sendable {
    /// What there was.
    enum Found: Equatable, Sendable {
        case nothing
        case record(DHTRecord)
        /// Something else than a record stands there.
        case malformed
    }

    private let records: ResumeStore

    init(_ records: ResumeStore) {
        self.records = records
    }

    var path: ByteString? { records.folder?.appending("dht.state") }

    /// Nil while another process has it. Where there are no locks, everybody gets one.
    func lock() -> RecordLock? { records.lockDHT() }

    func load() -> Found {
        guard let path else { return .nothing }
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try AtomicFile.readRegular(path, limit: DHTRecord.longest)
        } catch {
            return error.isNotFound ? .nothing : .malformed
        }
        return DHTRecord(bytes).map { .record($0) } ?? .malformed
    }

    /// Takes the place of an older one, of nothing else than a file.
    func save(_ record: DHTRecord) throws(SystemError) {
        guard let folder = records.folder, let path else { return }
        _ = try ContentFolder(folder, creating: true)
        try AtomicFile.expectRegular(path)
        try AtomicFile.write(record.encoded, to: path, mode: 0o600)
    }
}
