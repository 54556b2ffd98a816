#include "io/nearest_name.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using io::nearest_name;

TEST_CASE("nearest name: the one with the fewest changed letters, the first of several") {
    const std::vector<std::string> known{"channels", "critic_steps", "kernel", "penalty_weight",
                                         "stride",   "strive",       "lr"};
    CHECK(nearest_name("chanels", known) == "channels");
    CHECK(nearest_name("criticsteps", known) == "critic_steps");
    CHECK(nearest_name("Kernel", known) == "kernel");
    CHECK(nearest_name("channesl", known) == "channels");
    CHECK(nearest_name("weight", known) == "");
    CHECK(nearest_name("penalt_wght", known) == "penalty_weight");
    CHECK(nearest_name("strine", known) == "stride");
    CHECK(nearest_name("strive", known) == "strive");
    CHECK(nearest_name("lt", known) == "lr");
    CHECK(nearest_name("xy", known) == "");
    CHECK(nearest_name("", known) == "");
    CHECK(nearest_name("stride", {}) == "");
    CHECK(nearest_name(std::string(1 << 20, 'a'), known) == "");
}

TEST_CASE("nearest name: two changes are allowed, and in long names a third of the letters") {
    const std::vector<std::string> known{"kernel", "abcdefghijkl"};
    CHECK(nearest_name("kerxxl", known) == "kernel");
    CHECK(nearest_name("kexxxl", known) == "");
    CHECK(nearest_name("ABCDefghijkl", known) == "abcdefghijkl");
    CHECK(nearest_name("ABCDEfghijkl", known) == "");
}
