// The entry of every test program.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include "tests/support/run_cases.hpp"

int main(int argument_count, char** arguments) {
    doctest::Context context(argument_count, arguments);
    return support::run_cases(context);
}
