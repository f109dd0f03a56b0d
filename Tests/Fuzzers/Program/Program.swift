import CFuzzing
import Glibc

/// Feeds one fuzzer for as long as libFuzzer is told to, or writes down what it begins with.
///
///     fuzz --list                       names, and what each holds its subject to
///     fuzz NAME --seeds FOLDER          writes its first inputs into FOLDER
///     fuzz NAME [ARGUMENT...]           arguments are libFuzzer's; files among them are run once each
@main
enum Program {
    /// The fuzzer that libFuzzer's call goes to: a C function has no place for it.
    nonisolated(unsafe) private static var chosen = Fuzzer.bencode

    static func main() {
        let arguments = CommandLine.arguments
        if arguments.count == 2, arguments[1] == "--list" {
            for fuzzer in Fuzzer.all { print("\(fuzzer.name)\t\(fuzzer.promise)") }
            return
        }
        guard arguments.count > 1, let fuzzer = Fuzzer.all.first(where: { $0.name == arguments[1] }) else {
            print("usage: fuzz --list | NAME --seeds FOLDER | NAME [ARGUMENT...]")
            exit(2)
        }
        if arguments.count == 4, arguments[2] == "--seeds" { return write(fuzzer.seeds(), into: arguments[3]) }
        chosen = fuzzer
        exit(drive([arguments[0], "-max_len=\(fuzzer.inputLimit)"] + arguments.dropFirst(2)))
    }

    private static func drive(_ arguments: [String]) -> Int32 {
        var count = Int32(arguments.count)
        // libFuzzer keeps them to the end.
        let strings = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: arguments.count + 1)
        for (position, argument) in arguments.enumerated() { strings[position] = strdup(argument) }
        strings[arguments.count] = nil
        var list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = strings
        return LLVMFuzzerRunDriver(&count, &list) { data, size in
            Program.chosen.run(Array(UnsafeBufferPointer(start: data, count: size)))
            return 0
        }
    }

    private static func write(_ seeds: [[UInt8]], into folder: String) {
        for (number, seed) in seeds.enumerated() {
            guard let file = fopen("\(folder)/seed-\(number)", "w") else {
                print("\(folder) cannot be written to")
                exit(1)
            }
            fwrite(seed, 1, seed.count, file)
            fclose(file)
        }
    }
}
