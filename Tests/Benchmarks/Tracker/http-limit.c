// An HTTP "tracker" that only answers: reads what has come, counts the empty lines that end requests, and sends as many
// times the same answer. Runs until it is ended, for --seconds at most.
//
//   http-limit [--port N] [--peers N] [--seconds T] [--close] [--no-defer]
#define _GNU_SOURCE
#include <arpa/inet.h>
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

static char answers[64 * 2048], in[65536];

int main(int argc, char **argv) {
    int port = 6969, peers = 20, closes = 0, defers = 1, one = 1, five = 5;
    double seconds = 120;
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (!strcmp(argv[i], "--close")) { closes = 1; continue; }
        if (!strcmp(argv[i], "--no-defer")) { defers = 0; continue; }
        if (!strcmp(argv[i], "--port")) port = atoi(value);
        if (!strcmp(argv[i], "--peers")) peers = atoi(value);
        if (!strcmp(argv[i], "--seconds")) seconds = atof(value);
        i++;
    }
    if (peers > 200) peers = 200;
    char body[2048], answer[2048];
    int length = sprintf(body, "d8:completei7e10:incompletei13e8:intervali900e5:peers%d:", peers * 6);
    memset(body + length, 'p', (size_t)peers * 6);
    length += peers * 6;
    body[length++] = 'e';
    int head = sprintf(answer, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n%s\r\n", length,
                       closes ? "Connection: close\r\n" : "");
    memcpy(answer + head, body, (size_t)length);
    size_t whole = (size_t)(head + length);
    for (int i = 0; i < 64; i++) memcpy(answers + (size_t)i * whole, answer, whole);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (defers) setsockopt(listener, IPPROTO_TCP, TCP_DEFER_ACCEPT, &five, sizeof five);
    if (bind(listener, (void *)&own, sizeof own) || listen(listener, 1024)) { perror("bind"); return 1; }
    int poller = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, events[256];
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    time_t end = time(NULL) + (time_t)seconds;
    while (time(NULL) < end) {
        int count = epoll_wait(poller, events, 256, 1000);
        for (int i = 0; i < count; i++) {
            int d = events[i].data.fd;
            if (d == listener) {
                for (int turn = 0; turn < 64; turn++) {
                    int c = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
                    if (c < 0) break;
                    if (closes && defers) {
                        // The request is there already.
                        if (recv(c, in, sizeof in, 0) > 0) send(c, answers, whole, MSG_NOSIGNAL);
                        close(c);
                        continue;
                    }
                    event = (struct epoll_event){.events = EPOLLIN, .data.fd = c};
                    epoll_ctl(poller, EPOLL_CTL_ADD, c, &event);
                }
                continue;
            }
            ssize_t got = recv(d, in, sizeof in, 0);
            if (got <= 0) { close(d); continue; }
            int ends = 0;
            for (char *p = in; (p = memmem(p, (size_t)(in + got - p), "\r\n\r\n", 4)) && ends < 64; p += 4) ends++;
            if (ends) send(d, answers, (size_t)ends * whole, MSG_NOSIGNAL);
            if (closes && ends) close(d);
        }
    }
    return 0;
}
