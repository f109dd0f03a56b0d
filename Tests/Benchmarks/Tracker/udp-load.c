// Announces to a UDP tracker (BEP 15) over loopback and counts the answers. One JSON line on standard output.
//
//   udp-load [--host A] [--port N] [--torrents N] [--peers P] [--zipf S] [--requests M] [--seconds T] [--numwant N]
//            [--window W] [--sockets S] [--rate R] [--fill] [--seeders PERCENT] [--seed N]
//
// Peers are told apart by source address and port: each socket is bound to another address of 127/8, the port is
// that of the announce, and a peer of a torrent always speaks through the same socket. Bounded by --requests and
// --seconds, whichever comes first. --fill announces every pair of torrent and peer once, in random order. --rate paces
// the requests and reports latencies.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64, MAX_SOCKETS = 256, RING = 1 << 16 };

static const char *host = "127.0.0.1";
static int port = 6969, sockets = 16, window = 128, numwant = 20, fill = 0, seeders = 30;
static uint64_t torrents = 1000, peers = 10, requests = 1000000, seed = 1;
static double seconds = 10, rate = 0, zipf = 0;

static int descriptors[MAX_SOCKETS];
static uint64_t connection[MAX_SOCKETS];
static uint64_t sent, answered, errors, lost, bytes_in, peers_in, empty;
static double sent_at[RING];
static uint8_t open_slot[RING];
static float *latencies;
static uint64_t latency_count;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static uint64_t mix(uint64_t x) {
    x += 0x9E3779B97F4A7C15u;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    return x ^ x >> 31;
}

static uint64_t chance_state;
static uint64_t chance(void) { return mix(chance_state += 0x632BE59BD9B4E019u); }
static void put32(uint8_t *p, uint32_t v) { v = htonl(v); memcpy(p, &v, 4); }
static void put64(uint8_t *p, uint64_t v) { put32(p, v >> 32); put32(p + 4, (uint32_t)v); }
static uint32_t get32(const uint8_t *p) { uint32_t v; memcpy(&v, p, 4); return ntohl(v); }

// The number-th step of a walk through 0..<count in an order that looks random and meets each once (a Feistel net,
// walked until it falls into the range).
static uint64_t permute(uint64_t number, uint64_t count) {
    unsigned bits = 2;
    while (bits < 62 && (1ull << bits) < count) bits += 2;
    unsigned half = bits / 2;
    uint64_t mask = (1ull << half) - 1;
    do {
        uint64_t left = number >> half, right = number & mask;
        for (int round = 0; round < 4; round++) {
            uint64_t next = left ^ (mix(right + seed * 31 + round * 0x1234567) & mask);
            left = right;
            right = next;
        }
        number = left << half | right;
    } while (number >= count);
    return number;
}

static uint64_t pick_torrent(void) {
    if (zipf <= 0) return chance() % torrents;
    // The inverse of the continuous distribution: close enough to Zipf, and cheap.
    double u = (chance() >> 11) * 0x1p-53;
    double power = 1 - zipf;
    double x = fabs(power) < 1e-6 ? exp(u * log((double)torrents))
                                  : pow(u * (pow((double)torrents, power) - 1) + 1, 1 / power);
    uint64_t torrent = (uint64_t)x - 1;
    return torrent < torrents ? torrent : torrents - 1;
}

static void write_announce(uint8_t *p, int s, uint64_t torrent, uint64_t peer, uint32_t transaction) {
    put64(p, connection[s]);
    put32(p + 8, 1);
    put32(p + 12, transaction);
    uint64_t hash = mix(torrent * 2 + 1 + seed);
    put64(p + 16, hash);
    put64(p + 24, mix(hash));
    put32(p + 32, (uint32_t)mix(hash + 1));
    memcpy(p + 36, "-LD0100-", 8);
    put64(p + 44, mix(peer));
    put32(p + 52, (uint32_t)peer);
    int is_seeder = (int)(mix(torrent * 1000003 + peer) % 100) < seeders;
    put64(p + 56, 0);
    put64(p + 64, is_seeder ? 0 : 1 << 20);
    put64(p + 72, 0);
    put32(p + 80, 0);
    put32(p + 84, 0);
    put32(p + 88, (uint32_t)peer);
    put32(p + 92, (uint32_t)numwant);
    uint16_t own = htons((uint16_t)(1024 + peer % 64000));
    memcpy(p + 96, &own, 2);
}

static int open_sockets(void) {
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    inet_pton(AF_INET, host, &server.sin_addr);
    for (int s = 0; s < sockets; s++) {
        int d = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        struct sockaddr_in own = {.sin_family = AF_INET};
        own.sin_addr.s_addr = htonl(0x7F010000u + (uint32_t)(s / 200) * 256 + (uint32_t)(s % 200) + 1);
        int room = 4 << 20;
        setsockopt(d, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
        if (d < 0 || bind(d, (void *)&own, sizeof own) || connect(d, (void *)&server, sizeof server)) {
            perror("socket");
            return 0;
        }
        descriptors[s] = d;
    }
    return 1;
}

static int connect_all(void) {
    for (int s = 0; s < sockets; s++) {
        uint8_t packet[16], answer[64];
        for (int attempt = 0; attempt < 20; attempt++) {
            put64(packet, 0x41727101980u);
            put32(packet + 8, 0);
            put32(packet + 12, (uint32_t)s);
            if (send(descriptors[s], packet, 16, 0) < 0 && errno != ECONNREFUSED) return 0;
            struct pollfd wait = {.fd = descriptors[s], .events = POLLIN};
            if (poll(&wait, 1, 250) <= 0) continue;
            if (recv(descriptors[s], answer, sizeof answer, MSG_DONTWAIT) != 16) {
                usleep(50000);
                continue;
            }
            if (get32(answer) != 0 || get32(answer + 4) != (uint32_t)s) continue;
            connection[s] = (uint64_t)get32(answer + 8) << 32 | get32(answer + 12);
            goto next;
        }
        return 0;
    next:;
    }
    return 1;
}

static struct mmsghdr out_headers[BATCH], in_headers[BATCH];
static struct iovec out_vectors[BATCH], in_vectors[BATCH];
static uint8_t out_bytes[MAX_SOCKETS][BATCH][128], in_bytes[BATCH][2048 + 64];
static int queued[MAX_SOCKETS];
static uint64_t next_pair;

static void set_up_batches(void) {
    for (int i = 0; i < BATCH; i++) {
        out_vectors[i].iov_len = 98;
        in_vectors[i] = (struct iovec){in_bytes[i], 2048};
        out_headers[i].msg_hdr = (struct msghdr){.msg_iov = &out_vectors[i], .msg_iovlen = 1};
        in_headers[i].msg_hdr = (struct msghdr){.msg_iov = &in_vectors[i], .msg_iovlen = 1};
    }
}

static void receive(int s, double at) {
    int count = recvmmsg(descriptors[s], in_headers, BATCH, MSG_DONTWAIT, NULL);
    for (int i = 0; i < count; i++) {
        unsigned length = in_headers[i].msg_len;
        if (length < 20 || get32(in_bytes[i]) != 1) {
            errors++;
            if (length >= 8) open_slot[get32(in_bytes[i] + 4) % RING] = 0;
            continue;
        }
        uint32_t slot = get32(in_bytes[i] + 4) % RING;
        // Answers to what was given up as lost do not count.
        if (!open_slot[slot]) continue;
        open_slot[slot] = 0;
        answered++;
        bytes_in += length;
        peers_in += (length - 20) / 6;
        if (length == 20) empty++;
        if (rate > 0 && latency_count < requests) latencies[latency_count++] = (float)(at - sent_at[slot]);
    }
}

// Sends what is queued for a socket.
static void flush(int s, double at) {
    for (int i = 0; i < queued[s]; i++) {
        uint32_t number = (uint32_t)(sent + (uint64_t)i), slot = number % RING;
        open_slot[slot] = 1;
        sent_at[slot] = at;
        put32(out_bytes[s][i] + 12, number);
        out_vectors[i].iov_base = out_bytes[s][i];
    }
    int done = sendmmsg(descriptors[s], out_headers, (unsigned)queued[s], 0);
    for (int i = done < 0 ? 0 : done; i < queued[s]; i++) open_slot[(sent + (uint64_t)i) % RING] = 0;
    if (done > 0) sent += (uint64_t)done;
    queued[s] = 0;
}

static int socket_of(uint64_t torrent, uint64_t peer) { return (int)((mix(torrent) + peer) % (uint64_t)sockets); }

static void queue(int s, uint64_t torrent, uint64_t peer) {
    write_announce(out_bytes[s][queued[s]++], s, torrent, peer, 0);
}

// Every pair of torrent and peer once: it decides on the socket, whose batch goes out when it is full.
static void fill_some(uint64_t count, double at) {
    uint64_t all = torrents * peers;
    for (; count > 0 && next_pair < all; count--, next_pair++) {
        uint64_t pair = permute(next_pair, all), torrent = pair % torrents, peer = pair / torrents;
        int s = socket_of(torrent, peer);
        queue(s, torrent, peer);
        // Small batches: the sockets' come due together, and the server's buffer holds some hundred packets.
        if (queued[s] == 8) flush(s, at);
    }
    for (int s = 0; next_pair == all && s < sockets; s++)
        if (queued[s]) flush(s, at);
}

// Random pairs that speak through this socket.
static void send_batch(int s, uint64_t count, double at) {
    while (count > 0) {
        uint64_t torrent = pick_torrent(), lanes = (uint64_t)sockets;
        uint64_t peer = ((uint64_t)s + lanes - mix(torrent) % lanes) % lanes;
        peer += chance() % (peers / lanes + 1) * lanes;
        if (peer >= peers) continue;
        queue(s, torrent, peer);
        count--;
    }
    flush(s, at);
}

static int compare(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return x < y ? -1 : x > y;
}

static double percentile(double part) {
    if (!latency_count) return 0;
    uint64_t at = (uint64_t)(part * (double)(latency_count - 1));
    return latencies[at] * 1e3;
}

// As many as the window allows, one batch a socket and turn.
static double run_flat_out(void) {
    double start = now(), last = start;
    uint64_t seen = 0, given_up = 0;
    int turn = 0;
    while (answered + errors + given_up < requests) {
        double at = now();
        if (at - start > seconds) break;
        uint64_t under_way = sent - answered - errors - given_up;
        if (sent < requests && under_way < (uint64_t)window) {
            uint64_t count = (uint64_t)window - under_way;
            if (count > BATCH) count = BATCH;
            if (count > requests - sent) count = requests - sent;
            if (fill) fill_some(count, at);
            else send_batch(turn, count, at);
        }
        receive(turn, at);
        turn = (turn + 1) % sockets;
        if (answered + errors != seen) {
            seen = answered + errors;
            last = at;
        } else if (at - last > 0.2) {
            // Nothing for long: what is under way was dropped.
            given_up = sent - answered - errors;
            memset(open_slot, 0, sizeof open_slot);
            lost += given_up;
            last = at;
        }
    }
    return now() - start;
}

static double run_paced(void) {
    double start = now();
    int turn = 0;
    while (1) {
        double at = now();
        if (at - start > seconds || sent >= requests) break;
        uint64_t due = (uint64_t)((at - start) * rate) + 1;
        if (due > sent) {
            uint64_t count = due - sent;
            if (count > 16) count = 16;
            send_batch(turn, count, at);
            turn = (turn + 1) % sockets;
        }
        for (int s = 0; s < sockets; s++) receive((turn + s) % sockets, now());
        // A load that never rested would, where it goes before everybody else, be stopped by the system now and then.
        if (due <= sent) nanosleep(&(struct timespec){0, 10000}, NULL);
    }
    double took = now() - start, end = now() + 0.3;
    while (answered + errors < sent && now() < end)
        for (int s = 0; s < sockets; s++) receive(s, now());
    return took;
}

static double number_of(const char *text) { return strtod(text, NULL); }

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        const char *name = argv[i], *value = i + 1 < argc ? argv[i + 1] : "";
        if (!strcmp(name, "--fill")) { fill = 1; continue; }
        i++;
        if (!strcmp(name, "--host")) host = value;
        else if (!strcmp(name, "--port")) port = (int)number_of(value);
        else if (!strcmp(name, "--torrents")) torrents = (uint64_t)number_of(value);
        else if (!strcmp(name, "--peers")) peers = (uint64_t)number_of(value);
        else if (!strcmp(name, "--zipf")) zipf = number_of(value);
        else if (!strcmp(name, "--requests")) requests = (uint64_t)number_of(value);
        else if (!strcmp(name, "--seconds")) seconds = number_of(value);
        else if (!strcmp(name, "--numwant")) numwant = (int)number_of(value);
        else if (!strcmp(name, "--window")) window = (int)number_of(value);
        else if (!strcmp(name, "--sockets")) sockets = (int)number_of(value);
        else if (!strcmp(name, "--rate")) rate = number_of(value);
        else if (!strcmp(name, "--seeders")) seeders = (int)number_of(value);
        else if (!strcmp(name, "--seed")) seed = (uint64_t)number_of(value);
        else { fprintf(stderr, "unknown option %s\n", name); return 2; }
    }
    if (strncmp(host, "127.", 4)) { fprintf(stderr, "loopback only\n"); return 2; }
    if (sockets < 1 || sockets > MAX_SOCKETS || window < 1 || window > RING / 2 || seconds > 300 || !torrents || !peers)
        return 2;
    if (requests > 200000000) requests = 200000000;
    if (fill && requests > torrents * peers) requests = torrents * peers;
    chance_state = seed;
    if (rate > 0) {
        uint64_t most = (uint64_t)(rate * seconds) + 1000;
        if (most < requests) requests = most;
        latencies = malloc(requests * sizeof *latencies);
        if (!latencies) return 1;
    }
    if (!open_sockets() || !connect_all()) { fprintf(stderr, "no answer from %s:%d\n", host, port); return 1; }
    set_up_batches();
    double took = rate > 0 ? run_paced() : run_flat_out();
    printf("{\"sent\":%llu,\"answered\":%llu,\"errors\":%llu,\"lost\":%llu,\"seconds\":%.4f,\"rate\":%.0f,"
           "\"bytes_in\":%llu,\"peers_each\":%.2f",
           (unsigned long long)sent, (unsigned long long)answered, (unsigned long long)errors,
           (unsigned long long)(sent - answered - errors), took, (double)answered / took,
           (unsigned long long)bytes_in, answered ? (double)peers_in / (double)answered : 0.0);
    if (rate > 0) {
        qsort(latencies, latency_count, sizeof *latencies, compare);
        printf(",\"p50_ms\":%.4f,\"p99_ms\":%.4f,\"p999_ms\":%.4f,\"max_ms\":%.4f", percentile(0.5), percentile(0.99),
               percentile(0.999), percentile(1));
    }
    puts("}");
    return answered ? 0 : 1;
}
