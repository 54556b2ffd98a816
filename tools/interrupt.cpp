#include "tools/interrupt.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <ctime>

namespace tools {

namespace {

volatile std::sig_atomic_t first_signal = 0;

/// What the handler writes: it may not allocate.
std::array<char, 400> notice_text{};
volatile std::sig_atomic_t notice_length = 0;

/// A second signal within this time is the first one's: `timeout` sends one to its program and then to their group.
constexpr double one_request_seconds = 1.0;

double seconds_between(const timespec& from, const timespec& to) {
    return static_cast<double>(to.tv_sec - from.tv_sec) + 1e-9 * static_cast<double>(to.tv_nsec - from.tv_nsec);
}

void on_signal(int signal) {
    static timespec first{};
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (first_signal == 0) {
        first = now;
        first_signal = signal;
        const int error = errno;
        [[maybe_unused]] const ssize_t unseen =
            ::write(STDERR_FILENO, notice_text.data(), static_cast<std::size_t>(notice_length));
        errno = error;
        return;
    }
    if (seconds_between(first, now) < one_request_seconds) return;
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

void set_notice(std::string_view notice) {
    // A progress bar may stand in the terminal's line.
    const bool is_terminal = isatty(STDERR_FILENO) == 1;
    std::string text = fmt::format("{}musegan: interrupted; {}", is_terminal ? "\r\033[K" : "", notice);
    text.resize(std::min(text.size(), notice_text.size() - 1));
    text += '\n';
    notice_length = 0;  // a signal in between writes nothing rather than a mixture
    std::ranges::copy(text, notice_text.begin());
    notice_length = static_cast<std::sig_atomic_t>(text.size());
}

/// The handler gets a stack of its own. oneDNN's products point the stack register into their workspace on the heap
/// while they compute, and what the kernel saves for a handler on that stack would be written over what lies in front.
/// It is this thread's alone: those that share its loops take no signals (tensor/parallel.cpp).
void use_own_stack() {
    static std::array<char, 1 << 16> memory;  // the registers of a thread take some 11 KB
    stack_t stack{};
    stack.ss_sp = memory.data();
    stack.ss_size = memory.size();
    sigaltstack(&stack, nullptr);
}

/// A system call that is waiting goes on: what is being written stays whole.
void watch(int signal) {
    struct sigaction action {};
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART | SA_ONSTACK;
    sigaction(signal, &action, nullptr);
}

}  // namespace

void watch_interrupt(std::string_view notice) {
    set_notice(notice);
    use_own_stack();
    watch(SIGINT);
    watch(SIGTERM);
    struct sigaction hang_up {};
    sigaction(SIGHUP, nullptr, &hang_up);
    if (hang_up.sa_handler != SIG_IGN) watch(SIGHUP);
}

bool interrupted() { return first_signal != 0; }

int interrupted_exit_code() { return 128 + first_signal; }

void end_interrupted(std::string_view where, const std::string& fact) {
    throw Interrupted(fmt::format("[{}] interrupted; {}", where, fact));
}

}  // namespace tools
