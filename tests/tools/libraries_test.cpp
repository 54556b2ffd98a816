// Which shared libraries the command loads when it starts.
#include <doctest/doctest.h>

#include "tests/tools/shell.hpp"

TEST_CASE("the command starts without the CUDA toolkit's libraries, which a device alone needs") {
    const support::Outcome loaded = tools_tests::shell("LD_TRACE_LOADED_OBJECTS=1 \"$musegan\" 2>&1");
    CAPTURE(loaded.output);
    CHECK(loaded.exit_code == 0);
    CHECK(loaded.says("libcairo"));
    CHECK_FALSE(loaded.says("libcublas"));
    CHECK_FALSE(loaded.says("libcuda"));
}
