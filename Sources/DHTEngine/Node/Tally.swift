/// What is counted for people and tests.
struct Tally {
    var asked = 0
    var answered = 0
    var timedOut = 0
    /// Questions of others, those of them that were answered, and those that were too many.
    var heard = 0
    var served = 0
    var limited = 0
    /// Datagrams that said nothing to us.
    var useless = 0
    var sentBytes = 0
    var receivedBytes = 0
    var size = SizeEstimate()
}
