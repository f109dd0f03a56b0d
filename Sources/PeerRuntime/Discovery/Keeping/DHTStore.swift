import ByteStrings
import DHTEngine
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

        /// The nodes of it alone.
        var withoutIDs: Found {
            guard case .record(var record) = self else { return self }
            (record.v4.id, record.v6.id) = (nil, nil)
            return .record(record)
        }
    }

    /// Whose it is.
    enum Claim: Sendable {
        case ours(RecordLock)
        /// Another process has it.
        case others
        /// There are no locks there: another process may have it.
        case unknown
    }

    private let records: ResumeStore

    init(_ records: ResumeStore) {
        self.records = records
    }

    var path: ByteString? { records.folder?.appending("dht.state") }

    /// Makes it ours if no other process has it.
    func claim() -> Claim {
        let (lock, answer) = records.lockDHT()
        return switch answer {
        case .locked: .ours(lock)
        case .taken: .others
        case .unknown: .unknown
        }
    }

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
