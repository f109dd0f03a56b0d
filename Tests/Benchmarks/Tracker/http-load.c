// Announces to a tracker over HTTP on loopback and counts the answers. One JSON line on standard output.
//
//   http-load [--host A] [--port N] [--connections C] [--depth D] [--close] [--torrents N] [--peers P]
//             [--requests M] [--seconds T] [--numwant N] [--rate R] [--sources S] [--seed N]
//
// --close opens a connection for each announce; else connections are kept, with D requests under way in each (--depth,
// pipelined). --rate paces the requests and reports latencies. Connections come from S addresses of 127/8, so that
// ports do not run out and peers differ. Bounded by --requests and --seconds, whichever comes first.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST_CONNECTIONS = 4096, MOST_DEPTH = 64, ROOM = 65536 };

struct connection {
    int descriptor, under_way, is_connecting, first;
    double sent_at[MOST_DEPTH];
    char *in;
    size_t filled;
};

static const char *host = "127.0.0.1";
static int port = 6969, connections = 64, depth = 1, closes = 0, numwant = 20, sources = 200, poller;
static uint64_t torrents = 1000, peers = 20, requests = 100000, seed = 1, chance_state;
static double seconds = 10, rate = 0;
static struct connection all[MOST_CONNECTIONS];
static uint64_t sent, answered, errors, opened, bytes_in;
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

static uint64_t chance(void) { return mix(chance_state += 0x632BE59BD9B4E019u); }

static char *put_bytes(char *p, uint64_t word, int count) {
    static const char digits[] = "0123456789ABCDEF";
    for (int shift = count * 8 - 8; shift >= 0; shift -= 8) {
        *p++ = '%';
        *p++ = digits[word >> (shift + 4) & 15];
        *p++ = digits[word >> shift & 15];
    }
    return p;
}

static char *put_text(char *p, const char *text) {
    size_t length = strlen(text);
    memcpy(p, text, length);
    return p + length;
}

static size_t write_request(char *start) {
    uint64_t torrent = chance() % torrents, peer = chance() % peers, hash = mix(torrent * 2 + 1 + seed);
    char *p = put_text(start, "GET /announce?info_hash=");
    p = put_bytes(p, hash, 8);
    p = put_bytes(p, mix(hash), 8);
    p = put_bytes(p, mix(hash + 1), 4);
    p += sprintf(p,
                 "&peer_id=-LD0100-%012llu&port=%u&uploaded=0&downloaded=0&left=%d&numwant=%d&compact=1"
                 " HTTP/1.1\r\n",
                 (unsigned long long)peer, (unsigned)(1024 + peer % 60000), (int)(peer % 3), numwant);
    p = put_text(p, "Host: 127.0.0.1\r\nUser-Agent: load/1.0\r\n");
    if (closes) p = put_text(p, "Connection: close\r\n");
    p = put_text(p, "\r\n");
    return (size_t)(p - start);
}

static void watch(struct connection *c, int events, int operation) {
    struct epoll_event event = {.events = (uint32_t)events, .data.ptr = c};
    epoll_ctl(poller, operation, c->descriptor, &event);
}

static int open_connection(struct connection *c) {
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    inet_pton(AF_INET, host, &server.sin_addr);
    int d = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;
    if (d < 0) return 0;
    setsockopt(d, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(d, SOL_IP, 24 /* IP_BIND_ADDRESS_NO_PORT */, &one, sizeof one);
    if (closes) {
        // The port is free again at once: what is measured is the server.
        struct linger linger = {1, 0};
        setsockopt(d, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    }
    struct sockaddr_in own = {.sin_family = AF_INET};
    own.sin_addr.s_addr = htonl(0x7F010001u + (uint32_t)(opened % (uint64_t)sources));
    if (bind(d, (void *)&own, sizeof own) || (connect(d, (void *)&server, sizeof server) && errno != EINPROGRESS)) {
        close(d);
        return 0;
    }
    opened++;
    c->descriptor = d;
    c->is_connecting = 1;
    c->under_way = c->first = 0;
    c->filled = 0;
    watch(c, EPOLLIN | EPOLLOUT, EPOLL_CTL_ADD);
    return 1;
}

// How many requests may go out now: all that fit, or those that are due.
static uint64_t allowance(double start, double at) {
    uint64_t left = sent < requests ? requests - sent : 0;
    if (rate <= 0) return left;
    uint64_t due = (uint64_t)((at - start) * rate) + 1;
    uint64_t ready = due > sent ? due - sent : 0;
    return ready < left ? ready : left;
}

static void send_requests(struct connection *c, double start, double at) {
    static char out[MOST_DEPTH * 512];
    size_t length = 0;
    int most = closes ? 1 : depth, count = 0;
    uint64_t may = allowance(start, at);
    // A pipeline is filled again when half of it has been answered, so that requests travel together.
    if (c->under_way > most / 2) return;
    while (c->under_way < most && may > 0) {
        length += write_request(out + length);
        c->sent_at[(c->first + c->under_way++) % MOST_DEPTH] = at;
        may--;
        sent++;
        count++;
    }
    if (length && send(c->descriptor, out, length, MSG_NOSIGNAL) != (ssize_t)length) errors += (uint64_t)count;
}

// Bytes of the answer at the start; 0 if it has not come whole.
static size_t answer_length(const char *p, size_t filled) {
    const char *end = memmem(p, filled, "\r\n\r\n", 4);
    if (!end) return 0;
    const char *field = memmem(p, (size_t)(end - p) + 2, "Content-Length: ", 16);
    if (!field) return closes ? 0 : filled;
    size_t whole = (size_t)(end - p) + 4 + strtoul(field + 16, NULL, 10);
    return whole <= filled ? whole : 0;
}

static void note_answer(struct connection *c, double at) {
    answered++;
    if (rate > 0 && latency_count < requests) latencies[latency_count++] = (float)(at - c->sent_at[c->first]);
    c->first = (c->first + 1) % MOST_DEPTH;
    c->under_way--;
}

static void reopen(struct connection *c) {
    close(c->descriptor);
    c->descriptor = -1;
    if (sent < requests && !open_connection(c)) errors++;
}

static void receive(struct connection *c, double at) {
    ssize_t count = recv(c->descriptor, c->in + c->filled, ROOM - c->filled, 0);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) {
        // opentracker ends an answer by closing; its length is in the head all the same.
        errors += (uint64_t)c->under_way;
        c->under_way = 0;
        return reopen(c);
    }
    bytes_in += (uint64_t)count;
    c->filled += (size_t)count;
    size_t used = 0, length;
    while (c->under_way > 0 && (length = answer_length(c->in + used, c->filled - used))) {
        if (memcmp(c->in + used + 9, "200", 3)) errors++;
        used += length;
        note_answer(c, at);
        if (closes) return reopen(c);
    }
    memmove(c->in, c->in + used, c->filled - used);
    c->filled -= used;
    if (c->filled == ROOM) { errors++; reopen(c); }
}

static int compare(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return x < y ? -1 : x > y;
}

static double percentile(double part) {
    return latency_count ? latencies[(uint64_t)(part * (double)(latency_count - 1))] * 1e3 : 0;
}

static double run(void) {
    double start = now();
    struct epoll_event events[256];
    while (answered + errors < requests) {
        double at = now();
        if (at - start > seconds) break;
        int count = epoll_wait(poller, events, 256, rate > 0 ? 0 : 100);
        at = now();
        for (int i = 0; i < count; i++) {
            struct connection *c = events[i].data.ptr;
            if (c->descriptor < 0) continue;
            if (c->is_connecting) {
                if (!(events[i].events & EPOLLOUT)) { errors++; reopen(c); continue; }
                c->is_connecting = 0;
                watch(c, EPOLLIN, EPOLL_CTL_MOD);
            } else if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
                receive(c, at);
            }
            if (c->descriptor >= 0 && !c->is_connecting) send_requests(c, start, at);
        }
        // Paced: whoever is idle takes what is due, in turns.
        static int turn;
        for (int i = 0; rate > 0 && i < connections && allowance(start, at); i++, turn = (turn + 1) % connections)
            if (all[turn].descriptor >= 0 && !all[turn].is_connecting) send_requests(&all[turn], start, at);
    }
    return now() - start;
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        const char *name = argv[i], *value = i + 1 < argc ? argv[i + 1] : "";
        if (!strcmp(name, "--close")) { closes = 1; continue; }
        i++;
        if (!strcmp(name, "--host")) host = value;
        else if (!strcmp(name, "--port")) port = atoi(value);
        else if (!strcmp(name, "--connections")) connections = atoi(value);
        else if (!strcmp(name, "--depth")) depth = atoi(value);
        else if (!strcmp(name, "--torrents")) torrents = strtoull(value, NULL, 10);
        else if (!strcmp(name, "--peers")) peers = strtoull(value, NULL, 10);
        else if (!strcmp(name, "--requests")) requests = strtoull(value, NULL, 10);
        else if (!strcmp(name, "--seconds")) seconds = atof(value);
        else if (!strcmp(name, "--numwant")) numwant = atoi(value);
        else if (!strcmp(name, "--rate")) rate = atof(value);
        else if (!strcmp(name, "--sources")) sources = atoi(value);
        else if (!strcmp(name, "--seed")) seed = strtoull(value, NULL, 10);
        else { fprintf(stderr, "unknown option %s\n", name); return 2; }
    }
    if (strncmp(host, "127.", 4)) { fprintf(stderr, "loopback only\n"); return 2; }
    if (connections < 1 || connections > MOST_CONNECTIONS || depth < 1 || depth > MOST_DEPTH || seconds > 300
        || sources < 1 || sources > 200 || !torrents || !peers || requests > 50000000)
        return 2;
    chance_state = seed;
    if (rate > 0) {
        uint64_t most = (uint64_t)(rate * seconds) + 1000;
        if (most < requests) requests = most;
        if (!(latencies = malloc(requests * sizeof *latencies))) return 1;
    }
    poller = epoll_create1(EPOLL_CLOEXEC);
    for (int i = 0; i < connections; i++) {
        all[i].in = malloc(ROOM);
        all[i].descriptor = -1;
        if (!all[i].in || !open_connection(&all[i])) { fprintf(stderr, "cannot connect to port %d\n", port); return 1; }
    }
    double took = run();
    printf("{\"sent\":%llu,\"answered\":%llu,\"errors\":%llu,\"opened\":%llu,\"seconds\":%.4f,\"rate\":%.0f,"
           "\"bytes_in\":%llu",
           (unsigned long long)sent, (unsigned long long)answered, (unsigned long long)errors,
           (unsigned long long)opened, took, (double)answered / took, (unsigned long long)bytes_in);
    if (rate > 0) {
        qsort(latencies, latency_count, sizeof *latencies, compare);
        printf(",\"p50_ms\":%.4f,\"p99_ms\":%.4f,\"p999_ms\":%.4f,\"max_ms\":%.4f", percentile(0.5), percentile(0.99),
               percentile(0.999), percentile(1));
    }
    puts("}");
    return answered ? 0 : 1;
}
