// --vary: one setting, several values.
#include "musegan/toy/toy_variants.hpp"

#include <doctest/doctest.h>

#include "tensor/error.hpp"

using musegan::ToySettings;
using musegan::variants_of;

namespace {

void check_refused(const std::string& vary, const std::string& message) {
    CAPTURE(vary);
    CHECK_THROWS_WITH_AS(variants_of(ToySettings{}, vary), message.c_str(), tensor::Error);
}

}  // namespace

TEST_CASE("toy variants: a run per value, in the order stated, keys with either dash") {
    ToySettings settings;
    settings.seed = 5;
    for (const char* vary : {"penalty_weight=0,1e1,100", "penalty-weight=0,1e1,100"}) {
        const auto variants = variants_of(settings, vary);
        REQUIRE(variants.size() == 3);
        CHECK(variants[0].settings.objective.penalty_weight == 0.0);
        CHECK(variants[1].settings.objective.penalty_weight == 10.0);
        CHECK(variants[1].name == "penalty_weight 10");
        for (const musegan::ToyVariant& variant : variants) CHECK(variant.settings.seed == 5);
    }
    CHECK(variants_of(settings, "critic_norm=layer")[0].settings.critic_norm == layers::Norm::layer);
    CHECK(settings.critic_norm == layers::Norm::none);
}

TEST_CASE("toy variants: what makes no sense is refused in one line") {
    check_refused("", "[--vary] '', expected SETTING=V1,V2,... as penalty_weight=0,1,10");
    check_refused("=1", "[--vary] '=1', expected SETTING=V1,V2,... as penalty_weight=0,1,10");
    check_refused("penalty_weigth=1", "[--vary] 'penalty_weigth' is no setting, did you mean penalty_weight?");
    check_refused("batch=2,1", "[--vary] batch '1', expected 2 to 65536");
    check_refused("batch=", "[--vary] batch '' is no whole number, expected 2 to 65536");
    check_refused("activation=relu,none", "[--vary] activation 'none', expected leaky_relu, relu or tanh");
    check_refused("penalty_weight=1,1.0", "[--vary] penalty_weight 1 is stated twice, expected other values");
    check_refused("seed=1,2,3,4,5,6,7,8,9", "[--vary] 9 values of seed, expected 8 or fewer");
    CHECK_THROWS_WITH_AS(variants_of(ToySettings{}, "xyzzyplugh=1"),
                         doctest::Contains("is no setting, expected one of data fake constraint"), tensor::Error);
}
