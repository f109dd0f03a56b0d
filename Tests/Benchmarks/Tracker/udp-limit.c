// A UDP "tracker" that only answers: the same peers for everybody, in batches, nothing kept. What is left of a
// tracker's time when all its work is taken away. Runs until it is ended, for --seconds at most.
//
//   udp-limit [--port N] [--peers N] [--seconds T] [--single]
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { BATCH = 64, STRIDE = 1536 + 64 };

static uint8_t in_bytes[BATCH][STRIDE], out_bytes[BATCH][STRIDE];
static struct sockaddr_in addresses[BATCH];
static struct mmsghdr in_headers[BATCH], out_headers[BATCH];
static struct iovec in_vectors[BATCH], out_vectors[BATCH];

int main(int argc, char **argv) {
    int port = 6969, peers = 20, batch = BATCH;
    double seconds = 120;
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (!strcmp(argv[i], "--single")) { batch = 1; continue; }
        if (!strcmp(argv[i], "--port")) port = atoi(value);
        if (!strcmp(argv[i], "--peers")) peers = atoi(value);
        if (!strcmp(argv[i], "--seconds")) seconds = atof(value);
        i++;
    }
    if (peers > 200) peers = 200;
    int d = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (d < 0 || bind(d, (void *)&own, sizeof own)) { perror("bind"); return 1; }
    for (int i = 0; i < BATCH; i++) {
        in_vectors[i] = (struct iovec){in_bytes[i], 1536};
        out_vectors[i] = (struct iovec){out_bytes[i], 20 + 6 * (size_t)peers};
        in_headers[i].msg_hdr = (struct msghdr){.msg_name = &addresses[i], .msg_iov = &in_vectors[i], .msg_iovlen = 1};
        out_headers[i].msg_hdr = in_headers[i].msg_hdr;
        out_headers[i].msg_hdr.msg_iov = &out_vectors[i];
        out_bytes[i][10] = 3;
        for (int p = 0; p < peers * 6; p++) out_bytes[i][20 + p] = (uint8_t)(p * 7 + 8);
    }
    time_t end = time(NULL) + (time_t)seconds;
    while (time(NULL) < end) {
        struct pollfd wait = {.fd = d, .events = POLLIN};
        if (poll(&wait, 1, 1000) <= 0) continue;
        for (int turn = 0; turn < 64; turn++) {
            for (int i = 0; i < batch; i++) in_headers[i].msg_hdr.msg_namelen = sizeof addresses[i];
            int count = recvmmsg(d, in_headers, (unsigned)batch, MSG_DONTWAIT, NULL);
            if (count <= 0) break;
            for (int i = 0; i < count; i++) {
                int is_announce = in_headers[i].msg_len >= 98;
                memcpy(out_bytes[i], in_bytes[i] + 8, 8);
                out_vectors[i].iov_len = is_announce ? 20 + 6 * (size_t)peers : 16;
                out_headers[i].msg_hdr.msg_namelen = in_headers[i].msg_hdr.msg_namelen;
            }
            sendmmsg(d, out_headers, (unsigned)count, 0);
        }
    }
    return 0;
}
