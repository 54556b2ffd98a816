// What the entry of a test program runs. A run in which no case ran is a failure: ctest names each case in a filter,
// and a name that it garbles (it takes a semicolon for the end of one) would otherwise pass without running. For the
// one file of a program that has doctest's body.
#pragma once

#include <doctest/doctest.h>

#include <cstdio>

#include "tests/support/quiet_reporter.hpp"

namespace support {

inline unsigned cases_run = 0;

struct CountCases : QuietReporter {
    using QuietReporter::QuietReporter;
    void test_run_end(const doctest::TestRunStats& run) override { cases_run = run.numTestCasesPassingFilters; }
};

/// The program's exit code.
inline int run_cases(doctest::Context& context) {
    const int status = context.run();
    if (context.shouldExit() || status != 0 || cases_run > 0) return status;
    std::fputs("no case ran: no name matches the filter\n", stderr);
    return 1;
}

}  // namespace support

REGISTER_LISTENER("count", 1, support::CountCases);
