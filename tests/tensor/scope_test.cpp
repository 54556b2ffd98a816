#include "tensor/scope.hpp"

#include <doctest/doctest.h>

#include <thread>

#include "tensor/arena.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/error.hpp"
#include "tensor/observer.hpp"
#include "tests/support/compare.hpp"

using tensor::current_scope;
using tensor::LayerScope;
using tensor::OperationScope;
using tensor::PhaseScope;
using tensor::Scope;

TEST_CASE("a scope is told in words, without those that are empty") {
    CHECK(to_string(Scope{}) == "");
    CHECK(to_string(Scope{"critic update", "critic.conv1", "conv3d_input_gradient"}) ==
          "critic update, critic.conv1, conv3d_input_gradient");
    CHECK(to_string(Scope{"", "critic.conv1", ""}) == "critic.conv1");
    CHECK(to_string(Scope{"critic update", "", "adam"}) == "critic update, adam");
    CHECK(to_string(Scope{"critic update", "", "sum_to", "add_splits"}) == "critic update, sum_to, add_splits");
    CHECK(describe_buffer(Scope{"critic real", "critic.conv1", "conv3d"}) ==
          "result of conv3d in critic.conv1, critic real");
    CHECK(describe_buffer(Scope{}) == "a tensor");
    CHECK(describe_buffer(Scope{"critic real", "", ""}) == "a tensor, critic real");
}

TEST_CASE("scopes set one word each and give back the one before, also after an error") {
    CHECK(to_string(current_scope()) == "");
    {
        const PhaseScope phase("critic update");
        const LayerScope layer("critic");
        {
            const LayerScope inner("critic.conv1");
            const OperationScope operation("conv3d");
            CHECK(to_string(current_scope()) == "critic update, critic.conv1, conv3d");
        }
        CHECK(to_string(current_scope()) == "critic update, critic");
        CHECK_THROWS_AS(tensor::leaky_relu(tensor::Tensor::zeros({2}), -1.0), tensor::Error);
        CHECK(to_string(current_scope()) == "critic update, critic");
    }
    CHECK(to_string(current_scope()) == "");
}

TEST_CASE("a scope belongs to its thread") {
    const PhaseScope phase("critic update");
    std::string elsewhere = "?";
    std::thread([&] { elsewhere = to_string(current_scope()); }).join();
    CHECK(elsewhere == "");
    CHECK(to_string(current_scope()) == "critic update");
}

TEST_CASE("equal names are interned once and outlive what they came from") {
    const char* name = nullptr;
    {
        const std::string text = std::string("critic.") + "conv1";
        name = tensor::intern(text);
        CHECK(name != text.c_str());
    }
    CHECK(std::string(name) == "critic.conv1");
    CHECK(tensor::intern("critic.conv1") == name);
    CHECK(tensor::intern("critic.conv2") != name);
}

TEST_CASE("an operator that does not fit names itself, its layer and its phase") {
    tensor::Arena arena({.reserve = [](std::size_t) -> void* { return nullptr; },
                         .release = [](void*, std::size_t) {},
                         .granularity = 256,
                         .limit = 1 << 30,
                         .name = "small memory"});
    const PhaseScope phase("critic real");
    const LayerScope layer("critic.conv1");
    const OperationScope operation("conv3d");
    CHECK(support::contains_all(support::message_of([&] { arena.allocate(1 << 20); }),
                                {"result of conv3d in critic.conv1, critic real", "1.0 MiB (1048576 bytes)"}));
}
