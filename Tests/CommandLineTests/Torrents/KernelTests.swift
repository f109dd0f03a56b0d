import TestSupport
import Testing
import TorrentCore

/// `P2P_HASH_KERNEL`: every kernel that this processor has makes the same torrent and finds the same fault.
@Suite("Hash kernels, forced")
struct KernelTests {
    private static let variable = "P2P_HASH_KERNEL"

    @Test("make and verify agree with the definition under each kernel", arguments: HashKernel.available)
    func makeAndVerify(kernel: HashKernel) async throws {
        try await withStage { stage in
            let forced = [Self.variable: kernel.name]
            let payload = Payload.mixed(name: "holiday", bytes: 900_001, seed: 12)
            let folder = try stage.folder.folder("in")
            let content = try payload.write(below: folder)
            let out = stage.folder.path("out.torrent")
            for threads in ["1", "2"] {
                let made = try await stage.peer(
                    "make", content, "-l", "16K", "-t", threads, "-f", "-o", out, environment: forced)
                #expect(made.status == .code(0), "\(made.log)")
                let expected = try TestTorrent(of: payload, at: content, pieceLength: 16 << 10)
                #expect(String(decoding: made.bytes, as: UTF8.self).contains(expected.infoHash))
            }
            let whole = try await stage.peer("verify", out, "--dir", folder, environment: forced)
            #expect(whole.status == .code(0), "\(whole.log)")
            var bytes = try FileTree.read("\(content)/b/c/middle.dat")
            bytes[bytes.count - 1] ^= 1
            try FileTree.write(bytes, to: "\(content)/b/c/middle.dat")
            let broken = try await stage.peer("verify", out, "--dir", folder, environment: forced)
            #expect(broken.status == .code(6), "\(broken.log)")
        }
    }

    @Test("A kernel that is not to be had is refused in one line, which names those that are")
    func unknown() async throws {
        try await withStage { stage in
            let absent = try #require(HashKernel.allCases.first { !$0.isAvailable })
            for name in ["quick", "AVX2", absent.name] {
                let folder = try stage.folder.folder("in")
                for command in [["make", folder], ["verify", "x.torrent"], ["seed", "x.torrent"]] {
                    let ended = try await stage.run(Executables.peer, command, environment: [Self.variable: name])
                    #expect(ended.status == .code(2), "\(command): \(ended.log)")
                    #expect(ended.errorLines.count == 1)
                    #expect(ended.errorLines.first?.contains("portable") == true)
                }
            }
            let content = try Payload(file: "one", size: 9).write(below: try stage.folder.folder("in"))
            let unset = try await stage.peer("make", content, "-o", "-", environment: [Self.variable: ""])
            #expect(unset.status == .code(0), "\(unset.log)")
        }
    }
}
