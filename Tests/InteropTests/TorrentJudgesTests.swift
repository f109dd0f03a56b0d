import Foundation
import TestSupport
import Testing
import TorrentCore

extension Interop {
    /// Torrents as the field brings them, with libtorrent, Transmission and aria2 as judges: what two of them load, we
    /// load; what is otherwise stands here by name, with its reason, and no longer than it is true.
    @Suite("Torrents before judges", .serialized)
    struct TorrentJudgesTests {
        /// Loaded by two and refused by us.
        private static let refused: [String: String] = [
            "a date with a plus": "no number of BEP 3, and libtorrent refuses it too; nobody is known to write it",
            "a date with a blank": "the same",
            "piece length 512 MiB": "a piece is held in memory while it comes; libtorrent's limit is the same",
            "piece length 1 GiB": "the same", "piece length 2 GiB": "the same",
            "a link of 50,000 bytes with pieces": "a link has no bytes, as in libtorrent; the others know no links",
            "a link without a target, with pieces": "the same",
        ]

        /// Loaded by us and by none of them.
        private static let oursAlone: [String: String] = [
            "a name a dot": "a name is repaired wherever it stands; libtorrent loads it as a folder's",
            "a name two dots": "the same",
            "path.utf-8 is empty": "it is as if absent, and there is a path beside it",
            "path.utf-8 of a file is an empty list": "the same",
            "path.utf-8 of a file is a list of a list": "the same",
            "path.utf-8 of a file is a list of a number": "the same",
        ]

        /// Files that libtorrent lists in another way, or calls otherwise.
        private static let otherwise: [String: String] = {
            let positions = ["a name", "a folder's name", "a folder in a path", "the last of a path"]
            // Ours keep every byte that Linux takes; the terminal has a gate of its own.
            let odd = [
                "of 255 bytes": "it cuts names at 240 bytes", "that turns direction": "it drops such characters",
                "with a backslash": "it drops them", "with control bytes": "it puts _ for them",
                "with a byte that is no UTF-8": "it puts _ for it",
            ]
            var all = [
                "libtorrent's backslash_path": "it drops them",
                "upper and lower case": "it is ready for file systems that do not tell them apart",
                "a path of 6,000 bytes": "it leaves that to the file system, which takes 4,096",
                "padding without a path": "it puts it beside the torrent's folder",
                "libtorrent's pad_file_no_path": "the same", "libtorrent's pad_file_symlink": "the same",
                "padding with the path of a file": "it is renamed there, though it is never on disk",
            ]
            for position in positions {
                for (name, reason) in odd { all["\(position) \(name)"] = reason }
            }
            return all
        }()

        /// What libtorrent makes of a torrent.
        private struct Loaded: Decodable {
            let paths: [String]
            let length: Int64
        }

        private struct Verdict: Decodable {
            let name: String
            let transmission: Bool
            let aria2: Bool
            let libtorrent: Loaded?

            var loads: Int { (transmission ? 1 : 0) + (aria2 ? 1 : 0) + (libtorrent == nil ? 0 : 1) }
        }

        @Test("What two of three load, we load, with as many files and bytes, and under safe names")
        func judges() async throws {
            try Namespace.require([.libtorrent, .aria2], programs: ["transmission-show"])
            try await withStage { stage in
                let folder = try stage.folder.folder("variants")
                let variants = TorrentVariant.all
                for (number, variant) in variants.enumerated() {
                    try FileTree.write(variant.bytes, to: "\(folder)/\(10_000 + number).torrent")
                }
                let process = try LibtorrentDriver.judge(stage, folder)
                try await process.waitForExit(within: .seconds(240))
                let verdicts = try process.lines.map { try JSONDecoder().decode(Verdict.self, from: Data($0.utf8)) }
                try #require(verdicts.count == variants.count, "\(process.log)")
                var (needed, alone, different): (Set<String>, Set<String>, Set<String>) = ([], [], [])
                for (variant, verdict) in zip(variants, verdicts) {
                    let ours = try? Metainfo(parsing: variant.bytes)
                    if ours == nil, verdict.loads >= 2 { needed.insert(variant.name) }
                    if ours != nil, verdict.loads == 0 { alone.insert(variant.name) }
                    guard let ours, let theirs = verdict.libtorrent else { continue }
                    if !Self.agree(ours, theirs) { different.insert("\(variant.name)") }
                }
                #expect(Self.differences(needed, Self.refused) == [])
                #expect(Self.differences(alone, Self.oursAlone) == [])
                #expect(Self.differences(different, Self.otherwise) == [])
            }
        }

        /// As many files and bytes; names the same where none had to be repaired, else folders as deep.
        private static func agree(_ ours: Metainfo, _ theirs: Loaded) -> Bool {
            let paths = ours.files.map(\.path.description)
            guard paths.count == theirs.paths.count, ours.totalLength == theirs.length else { return false }
            return zip(paths, theirs.paths).allSatisfy { our, their in
                our == their
                    || ours.remarkCount > 0 && our.split(separator: "/").count == their.split(separator: "/").count
            }
        }

        /// What is not listed, and what is listed in vain.
        private static func differences(_ found: Set<String>, _ listed: [String: String]) -> [String] {
            (found.subtracting(listed.keys).map { "not listed: \($0)" }
                + Set(listed.keys).subtracting(found).map { "no longer so: \($0)" }).sorted()
        }
    }
}
