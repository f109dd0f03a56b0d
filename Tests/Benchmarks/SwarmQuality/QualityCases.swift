import SwarmSimulator

extension QualityCase {
    /// The table of the goal, then mixes with standard clients, then worlds that are less kind.
    static var all: [QualityCase] { clean + freeRiders + mixes + seeders + sparing + rough + large }

    /// Small ones that show in seconds that all of it runs.
    static var short: [QualityCase] {
        var riders = QualityCase(name: "serial 15/32 free riders", leechers: 15, pieces: 32)
        riders.freeRidersOneIn = 5
        var mix = QualityCase(name: "mix 15/32 half", leechers: 15, pieces: 32, seeder: .standard)
        (mix.share, mix.isCompared) = (0.5, true)
        return [
            QualityCase(name: "standard 15/32", leechers: 15, pieces: 32, crowd: .standard),
            QualityCase(name: "serial 15/32", leechers: 15, pieces: 32), riders, mix,
        ]
    }

    private static var clean: [QualityCase] {
        [Crowd.standard, .ours, .fitting, .serial].flatMap { crowd in
            [(63, 256, "last 1.03 mean 1.02 copies 1.01"), (63, 64, "last 1.10 copies 1.01"), (255, 256, "")].map {
                QualityCase(
                    name: "\(crowd) \($0)/\($1)", leechers: $0, pieces: $1, crowd: crowd,
                    asked: crowd == .fitting || crowd == .serial ? $2 : "")
            }
        }
    }

    /// A thousand, in pieces of few blocks: even so one run takes minutes.
    private static var large: [QualityCase] {
        var serial = QualityCase(name: "large serial 1000/1024", leechers: 1_000, pieces: 1_024)
        (serial.blocksPerPiece, serial.asked) = (4, "last 1.015 copies 1.01")
        return [serial]
    }

    /// Several that begin with everything.
    private static var seeders: [QualityCase] {
        [Crowd.ours, .fitting, .serial].flatMap { crowd in
            [2, 4].map {
                var world = QualityCase(name: "seeders \(crowd) \($0)", pieces: 128, crowd: crowd)
                world.seeders = $0
                return world
            }
        }
    }

    /// One seed on a slow line, with and without super seeding, among few and many, ours and as most programs are.
    private static var sparing: [QualityCase] {
        [Crowd.fitting, .standard].flatMap { crowd in
            [5, 15, 40].flatMap { leechers in
                [crowd == .standard ? Crowd.standard : .fitting, .sparing].map { seeder in
                    var world = QualityCase(
                        name: "sparing \(crowd) \(leechers), \(seeder) seed", leechers: leechers, pieces: 128,
                        crowd: crowd, seeder: seeder)
                    world.seederShare = 0.5
                    return world
                }
            }
        }
    }

    private static var freeRiders: [QualityCase] {
        [Crowd.standard, .ours, .fitting, .serial].flatMap { crowd in
            [5, 0].map { every in
                var world = QualityCase(name: "riders \(crowd) 1 in \(every)", crowd: crowd)
                world.freeRidersOneIn = every
                world.isClean = every == 0
                return world
            }
        }
    }

    /// One of ours, a few, half, nearly all of ours; with a standard seeder and with one of ours.
    private static var mixes: [QualityCase] {
        [Crowd.ours, .fitting, .serial].flatMap { crowd in
            [(0.016, "one"), (0.25, "quarter"), (0.5, "half"), (0.75, "three quarters"), (1.0, "all")].map {
                var world = QualityCase(name: "mix \(crowd) \($1)", pieces: 128, crowd: crowd, seeder: .standard)
                (world.share, world.isCompared) = ($0, true)
                return world
            }
                + [
                    mixSeeder(crowd, name: "mix \(crowd) seeder alone", share: 0),
                    mixSeeder(crowd, name: "mix \(crowd) seeder and half", share: 0.5),
                ]
        }
    }

    private static func mixSeeder(_ crowd: Crowd, name: String, share: Double) -> QualityCase {
        var world = QualityCase(name: name, pieces: 128, crowd: crowd)
        (world.share, world.isCompared) = (share, true)
        return world
    }

    private static var rough: [QualityCase] {
        [Crowd.standard, .ours, .fitting, .serial].flatMap { crowd in
            var ramps = QualityCase(name: "rough \(crowd) ramps", pieces: 128, crowd: crowd)
            ramps.ramp = LinkRamp()
            var loss = ramps
            loss.name = "rough \(crowd) ramps, loss 0.1 %"
            loss.ramp?.lossOneIn = 1_000
            var mixed = loss
            mixed.name = "rough \(crowd) ramps, loss, trips"
            mixed.mixesLatencies = true
            var quick = mixed
            quick.name = "rough \(crowd) 16 times the rate"
            quick.rate = 16
            var classes = QualityCase(name: "rough \(crowd) upload classes", pieces: 128, crowd: crowd)
            classes.mixesUploads = true
            var churn = QualityCase(name: "rough \(crowd) churn", pieces: 128, crowd: crowd)
            churn.churns = true
            return [ramps, loss, mixed, quick, classes, churn]
        }
    }
}
