// A terminal that hands over each byte as it is typed, and gets its settings back however the process ends or stops.
#include "CPosixShims.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/// What handlers need. Written before they are installed.
static struct termios original, raw;
static int input = -1, output = -1, waker = -1;
static volatile sig_atomic_t is_taken = 0, is_raw = 0;

/// After these nothing of ours runs any more.
static const int fatal[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGABRT, SIGQUIT};
enum { FATAL_COUNT = sizeof fatal / sizeof *fatal };
static struct sigaction before[FATAL_COUNT];

/// Never waits: a terminal that takes nothing does without.
static void say(const char *text) {
    struct pollfd room = {.fd = output, .events = POLLOUT};
    if (poll(&room, 1, 0) == 1 && write(output, text, strlen(text)) < 0) return;
}

static void make_raw(void) {
    // From the background this would stop the process once more.
    if (!is_taken || is_raw || tcgetpgrp(input) != getpgrp()) return;
    if (tcsetattr(input, TCSANOW, &raw) != 0) return;
    is_raw = 1;
    say("\033[?2004h");
}

static void restore(void) {
    if (!is_raw) return;
    is_raw = 0;
    say("\033[?2004l");
    tcsetattr(input, TCSANOW, &original);
}

static void wake(char reason) {
    int error = errno;
    if (write(waker, &reason, 1) < 0) errno = error;
}

static void on_fatal(int number) {
    restore();
    for (int i = 0; i < FATAL_COUNT; i++)
        if (fatal[i] == number) sigaction(number, &before[i], NULL);
    // Comes when this returns.
    raise(number);
}

static void on_resize(int number) {
    (void)number;
    wake('w');
}

static void on_continue(int number) {
    (void)number;
    int error = errno;
    make_raw();
    wake('c');
    errno = error;
}

static void on_stop(int number);

static void handle(int number, void (*handler)(int), struct sigaction *old) {
    struct sigaction action = {.sa_flags = SA_RESTART};
    action.sa_handler = handler;
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, old);
}

static void on_stop(int number) {
    int error = errno;
    restore();
    handle(number, SIG_DFL, NULL);
    sigset_t stop, mask;
    sigemptyset(&stop);
    sigaddset(&stop, number);
    raise(number);
    // Here the process stands still.
    pthread_sigmask(SIG_UNBLOCK, &stop, &mask);
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
    handle(number, on_stop, NULL);
    // Without a shell that could go on with it, the system does not stop it at all.
    make_raw();
    wake('c');
    errno = error;
}

int p2p_terminal_take(int in, int out, int wake_fd) {
    if (is_taken || tcgetattr(in, &original) != 0) return -1;
    raw = original;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG | IEXTEN);
    raw.c_iflag &= ~(tcflag_t)(IXON | ICRNL | INLCR | ISTRIP);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    input = in;
    output = out;
    waker = wake_fd;
    is_taken = 1;
    static int is_registered = 0;
    if (!is_registered) atexit(p2p_terminal_give_back);
    is_registered = 1;
    for (int i = 0; i < FATAL_COUNT; i++) handle(fatal[i], on_fatal, &before[i]);
    if (!p2p_signal_is_ignored(SIGTSTP)) handle(SIGTSTP, on_stop, NULL);
    handle(SIGCONT, on_continue, NULL);
    handle(SIGWINCH, on_resize, NULL);
    make_raw();
    return 0;
}

void p2p_terminal_give_back(void) {
    if (!is_taken) return;
    // First, so that a handler that comes between the two does not make it raw again.
    is_taken = 0;
    restore();
    for (int i = 0; i < FATAL_COUNT; i++) sigaction(fatal[i], &before[i], NULL);
    if (!p2p_signal_is_ignored(SIGTSTP)) handle(SIGTSTP, SIG_DFL, NULL);
    handle(SIGCONT, SIG_DFL, NULL);
    handle(SIGWINCH, SIG_DFL, NULL);
}
