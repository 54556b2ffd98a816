// The critic's layers are those of the case table: what is proved and timed there is what trains.
#include "musegan/networks/critic.hpp"

#include <doctest/doctest.h>

#include "tests/support/cases.hpp"

TEST_CASE("the critic's convolutions at full width are the table's, in its order") {
    tensor::RandomStream stream{1};
    const musegan::Critic critic({}, stream, tensor::DType::f32, tensor::Device::dry());
    std::vector<support::Conv3dCase> cases;
    for (support::Conv3dCase& each : support::full_width_conv3d_cases())
        if (each.name.starts_with("critic ") && !each.name.ends_with("one track")) cases.push_back(std::move(each));
    REQUIRE(critic.convolutions().size() == cases.size());
    for (std::size_t i = 0; i < cases.size(); ++i)
        CHECK(critic.convolutions()[i].geometry().to_string() == cases[i].geometry.to_string());
}
