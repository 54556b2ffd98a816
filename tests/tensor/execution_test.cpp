#include "tensor/execution.hpp"

#include <doctest/doctest.h>

#include <latch>
#include <thread>

#include "tensor/backend.hpp"
#include "tensor/error.hpp"
#include "tests/support/compare.hpp"

using support::contains_all;
using support::message_of;
using tensor::Device;
using tensor::execution;
using tensor::Execution;
using tensor::ExecutionScope;
using tensor::Fusion;
using tensor::Precision;

TEST_CASE("a scope sets how operators run and gives back what was before it, also after an error") {
    const Execution outside;
    REQUIRE(execution() == outside);
    CHECK(execution().precision == Precision::f32);
    CHECK(execution().fusion == Fusion::automatic);
    CHECK(execution().gathers_launches);
    CHECK(execution().side_by_side);
    CHECK(execution().rehearsed == Device::cpu());
    {
        const Execution first{Precision::tf32, Fusion::always, false, false, Device::cuda(1)};
        const ExecutionScope outer(first);
        CHECK(execution() == first);
        {
            Execution second = execution();
            second.fusion = Fusion::off;
            const ExecutionScope inner(second);
            CHECK(execution() == Execution{Precision::tf32, Fusion::off, false, false, Device::cuda(1)});
        }
        CHECK(execution() == first);
        CHECK_THROWS_AS(
            [] {
                const ExecutionScope inner({.precision = Precision::f32});
                tensor::fail("somewhere", "an error");
            }(),
            tensor::Error);
        CHECK(execution() == first);
    }
    CHECK(execution() == outside);
}

TEST_CASE("each thread runs operators in its own way, also while another one has a scope") {
    std::latch both_set(2), both_read(2);
    const auto kept = [&](const Execution& own) {
        const bool fresh = execution() == Execution{};
        bool keeps = false;
        {
            const ExecutionScope scope(own);
            both_set.arrive_and_wait();
            keeps = execution() == own;
            both_read.arrive_and_wait();
        }
        return fresh && keeps && execution() == Execution{};
    };
    const ExecutionScope here({.gathers_launches = false});
    bool first = false, second = false;
    std::thread one([&] { first = kept({.precision = Precision::tf32, .rehearsed = Device::cuda()}); });
    std::thread other([&] { second = kept({.fusion = Fusion::always}); });
    one.join();
    other.join();
    CHECK(first);
    CHECK(second);
    CHECK(execution() == Execution{.gathers_launches = false});
}

TEST_CASE("the dry device answers as the one that is rehearsed, and cannot stand in for itself") {
    const auto prefers = [] { return tensor::backend(Device::dry()).facts().prefers_few_launches; };
    CHECK(prefers() == tensor::backend(Device::cpu()).facts().prefers_few_launches);
    const Execution before = execution();
    CHECK(contains_all(message_of([] { const ExecutionScope scope({.rehearsed = Device::dry()}); }),
                       {"[execution]", "stands in for dry", "expected another device"}));
    CHECK(execution() == before);
}

TEST_CASE("fusion is named automatic, off or always and nothing else") {
    for (const Fusion each : {Fusion::automatic, Fusion::off, Fusion::always})
        CHECK(tensor::find_name<Fusion>(name_of(each)) == each);
    CHECK_FALSE(tensor::find_name<Fusion>("on").has_value());
    CHECK(tensor::list_names<Fusion>() == "automatic, off or always");
}
