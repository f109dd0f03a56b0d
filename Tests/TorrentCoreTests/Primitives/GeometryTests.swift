import Testing
import TorrentCore

@Suite struct GeometryTests {
    @Test(
        arguments: [
            (0, 1, 0), (1, 16_384, 1), (16_384, 16_384, 1), (16_385, 16_384, 2), (1 << 40, 1 << 20, 1 << 20),
            (Int64(Int32.max), 1, Int(Int32.max)),
        ] as [(Int64, Int, Int)])
    func `pieces are counted`(total: Int64, length: Int, pieces: Int) throws {
        #expect(try #require(TorrentGeometry(totalLength: total, pieceLength: length)).pieceCount == pieces)
    }

    @Test(arguments: [(-1, 1), (1, 0), (1, -1), (Int64(Int32.max) + 1, 1), (.max, 1), (1, 1 << 31)] as [(Int64, Int)])
    func `what cannot be numbered is refused`(total: Int64, length: Int) {
        #expect(TorrentGeometry(totalLength: total, pieceLength: length) == nil)
    }

    @Test func `blocks of all pieces make up the payload once, in order`() throws {
        var generator = SplitMix64(seed: 32)
        for _ in 0..<50 {
            let total = Int64.random(in: 1..<500_000, using: &generator)
            let length = Int.random(in: 1..<100_000, using: &generator)
            let geometry = try #require(TorrentGeometry(totalLength: total, pieceLength: length))
            guard geometry.pieceCount < 1_000 else { continue }
            var end: Int64 = 0
            for piece in geometry.pieces {
                #expect(geometry.offset(of: piece) == end)
                for number in 0..<geometry.blockCount(of: piece) {
                    let block = geometry.block(number, of: piece)
                    #expect(geometry.offset(of: piece) + Int64(block.begin) == end)
                    #expect(geometry.number(of: block) == number)
                    #expect(geometry.block(block.onWire) == block)
                    end += Int64(block.length)
                }
            }
            #expect(end == total)
        }
    }

    @Test func `blocks off the wire are held against their piece`() throws {
        let geometry = try #require(TorrentGeometry(totalLength: 50_000, pieceLength: 32_768))
        func isRight(_ piece: UInt32, _ begin: UInt32, _ length: UInt32) -> Bool {
            geometry.block(WireBlock(piece: piece, begin: begin, length: length)) != nil
        }
        #expect(isRight(0, 0, 32_768) && isRight(1, 17_231, 1) && isRight(1, 1, 5))
        #expect(!isRight(0, 0, 32_769) && !isRight(1, 17_232, 1) && !isRight(1, 0, 17_233))
        #expect(!isRight(2, 0, 1) && !isRight(0, 0, 0) && !isRight(0, .max, .max) && !isRight(0, 1, .max))
        let odd = try #require(geometry.block(WireBlock(piece: 0, begin: 1, length: 5)))
        #expect(geometry.number(of: odd) == nil)
        #expect(geometry.piece(at: 2) == nil && geometry.piece(at: .max) == nil)
    }

    @Test func `segments cover any stretch of any files`() throws {
        var generator = SplitMix64(seed: 33)
        for _ in 0..<200 {
            let lengths = (0..<Int.random(in: 1..<9, using: &generator)).map { _ in
                Bool.random(using: &generator) ? 0 : Int64.random(in: 1..<50, using: &generator)
            }
            let layout = try #require(FileLayout(lengths: lengths))
            let total = lengths.reduce(0, +)
            #expect(layout.totalLength == total)
            let offset = Int64.random(in: 0...total, using: &generator)
            let length = Int.random(in: 0...Int(total - offset), using: &generator)
            // Byte by byte: which file, and where in it.
            let bytes = lengths.enumerated().flatMap { file, length in (0..<length).map { (file, $0) } }
            let expected = bytes[Int(offset)..<Int(offset) + length]
            let found = layout.segments(offset: offset, length: length).flatMap { segment in
                (0..<segment.length).map { (segment.file, segment.offset + Int64($0)) }
            }
            #expect(zip(expected, found).allSatisfy { $0.0 == $1.0 && $0.1 == $1.1 } && expected.count == found.count)
            for file in lengths.indices {
                let places = bytes.indices.filter { bytes[$0].0 == file }.map { $0 / 7 }
                let range = layout.pieces(of: file, pieceLength: 7)
                #expect(range.isEmpty ? places.isEmpty : places.first == range.first && places.last == range.last)
            }
        }
    }

    @Test func `layouts that overflow are refused`() {
        #expect(FileLayout(lengths: [.max, 1]) == nil)
        #expect(FileLayout(lengths: [-1]) == nil)
        #expect(FileLayout(lengths: [.max, 0])?.totalLength == .max)
        #expect(FileLayout(lengths: [])?.segments(offset: 0, length: 0) == [])
    }
}
