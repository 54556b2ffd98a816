// The handler of Ctrl-C runs on a stack of its own.
#include <doctest/doctest.h>
#include <signal.h>

#include "tools/interrupt.hpp"

TEST_CASE("a signal is not handled on the stack of what it interrupts, which a product may keep on the heap") {
    constexpr int watched[]{SIGINT, SIGTERM, SIGHUP};
    struct sigaction before[3], now{};
    stack_t stack_before{}, stack{};
    sigaltstack(nullptr, &stack_before);
    for (int k = 0; k < 3; ++k) sigaction(watched[k], nullptr, &before[k]);
    tools::watch_interrupt("ending soon");
    sigaltstack(nullptr, &stack);
    CHECK((stack.ss_flags & SS_DISABLE) == 0);
    CHECK(stack.ss_size >= 1 << 16);
    for (const int signal : watched) {
        sigaction(signal, nullptr, &now);
        if (now.sa_handler != SIG_IGN) CHECK((now.sa_flags & SA_ONSTACK) != 0);
    }
    for (int k = 0; k < 3; ++k) sigaction(watched[k], &before[k], nullptr);
    sigaltstack(&stack_before, nullptr);
}
