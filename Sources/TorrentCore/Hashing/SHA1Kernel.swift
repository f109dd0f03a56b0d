internal import CSHA1Kernels

/// A way to compute SHA-1. All give the same digests; the best for this processor is picked at run time, and each that
/// the processor has can be forced.
public enum SHA1Kernel: Int, CaseIterable, Hashable, Sendable {
    /// C, one stream.
    case portable
    /// Four streams.
    case sse2
    /// Eight streams.
    case avx2
    /// Sixteen streams.
    case avx512
    /// The SHA instructions of x86, two streams in turns.
    case shaInstructions
    /// Four streams.
    case neon

    var inC: sha1_kernel {
        switch self {
        case .portable: SHA1_PORTABLE
        case .sse2: SHA1_SSE2
        case .avx2: SHA1_AVX2
        case .avx512: SHA1_AVX512
        case .shaInstructions: SHA1_SHANI
        case .neon: SHA1_NEON
        }
    }

    public var name: String {
        switch self {
        case .portable: "portable"
        case .sse2: "SSE2"
        case .avx2: "AVX2"
        case .avx512: "AVX-512"
        case .shaInstructions: "SHA-NI"
        case .neon: "NEON"
        }
    }

    /// Whether this processor can run it.
    public var isAvailable: Bool { sha1_kernel_available(inC) }

    /// How many streams it hashes at once: more than so many buffers should be at hand to keep it busy.
    public var lanes: Int { sha1_kernel_lanes(inC) }

    /// All that this processor can run.
    public static var available: [SHA1Kernel] { allCases.filter(\.isAvailable) }

    /// The fastest for many streams on this processor, as measured.
    public static var best: SHA1Kernel { available.first { $0.inC == sha1_kernel_best() } ?? .portable }
}
