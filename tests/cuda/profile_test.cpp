// Profiles on a CUDA device: the same work as on the CPU, launch by launch, with what is known of each launch.
#include "musegan/study/profile_run.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>

#include "tests/cuda/updates.hpp"
#include "tests/support/devices.hpp"

using musegan::Profile;
using musegan::ProfileRow;
using support::settings_on;
using tensor::Device;
using tensor::DType;

namespace {

Profile profile_on(Device device, int rounds, bool plain, bool trace = false) {
    musegan::TrainingSettings settings = settings_on(device, DType::f32, 4);
    settings.passes = musegan::CriticPasses::in_turn;
    if (plain) settings.make_plain();
    return profile_training(settings, {.rounds = rounds,
                                       .warm_up = 1,
                                       .queue = 2,
                                       .trace = trace,
                                       .known_roofs = tensor::Roofs{.f32_gflops = 10, .copy_gb_s = 10, .start_ms = 1}});
}

/// FLOPs of products by operator, without those of launches that only help: sums of partial results, and biases.
std::map<std::string, double> products_of(const Profile& profile) {
    std::map<std::string, double> flops;
    for (const ProfileRow& row : profile.rows) {
        const bool product = row.words.operation.starts_with("conv3d") || row.words.operation.starts_with("matmul");
        const bool helps = row.words.kernel == "add_splits" || row.words.kernel == "epilogue";
        if (product && !helps) flops[row.words.operation] += row.flops;
    }
    return flops;
}

}  // namespace

TEST_CASE("the FLOPs of products are those of the CPU, operator by operator") {
    NEEDS_CUDA();
    if (support::race_checked) SKIP_TEST("long under the race check");
    const std::map<std::string, double> cpu = products_of(profile_on(Device::cpu(), 1, true)),
                                        cuda = products_of(profile_on(Device::cuda(), 1, true));
    REQUIRE(cpu.size() == cuda.size());
    for (const auto& [operation, flops] : cpu) {
        CAPTURE(operation);
        REQUIRE(cuda.contains(operation));
        CHECK(cuda.at(operation) == doctest::Approx(flops).epsilon(1e-12));
    }
    CHECK(support::cuda_faults() == "");
}

TEST_CASE("each launch says its phase, layer, operator and kernel, and how it occupies the device") {
    NEEDS_CUDA();
    if (support::race_checked) SKIP_TEST("long under the race check");
    const Profile profile = profile_on(Device::cuda(), 2, false);
    CHECK(profile.clock == "CUDA events");
    CHECK(profile.device == "cuda:0");
    CHECK_FALSE(profile.idle_share);
    CHECK(profile.generator_ms.size() == 2);
    for (const std::vector<double>& list :
         {profile.critic_alone.latency, profile.critic_alone.device, profile.generator_alone.host})
        CHECK(list.size() == 2);
    for (std::size_t k = 0; k < 2; ++k) CHECK(profile.critic_alone.host[k] <= profile.critic_alone.latency[k]);
    std::size_t occupied = 0;
    for (const ProfileRow& row : profile.rows) {
        CHECK_FALSE(row.words.phase.empty());
        CHECK_FALSE(row.words.operation.empty());
        CHECK_FALSE(row.words.kernel.empty());
        if (row.launch && row.launch->block[0] > 0 && row.launch->registers > 0) ++occupied;
    }
    CHECK(2 * occupied > profile.rows.size());  // products of cuBLAS do not say
    CHECK(support::cuda_faults() == "");
}

#if defined(TENSOR_CUDA_STANDIN)

TEST_CASE("by the device's own trace, kernels of a library have names of their own, and idle time is told") {
    if (support::race_checked) SKIP_TEST("long under the race check");
    standin::device().count = 8;  // device 7 has no guards, and runs updates as graphs
    const Profile traced = profile_on(Device::cuda(7), 2, false, true), marked = profile_on(Device::cuda(7), 1, false);
    CHECK(traced.clock == "CUPTI");
    CHECK(traced.note == "");
    REQUIRE(traced.idle_share);
    CHECK(*traced.idle_share >= 0);
    CHECK(*traced.idle_share < 1);
    const auto by_operation = products_of(traced), expected = products_of(marked);
    CHECK(by_operation.size() == expected.size());
    for (const auto& [operation, flops] : expected) {
        CAPTURE(operation);
        REQUIRE(by_operation.contains(operation));
        CHECK(by_operation.at(operation) == doctest::Approx(flops).epsilon(1e-12));
    }
    std::size_t library = 0;
    for (const ProfileRow& row : traced.rows) library += row.words.kernel == "standin_gemm_32x32_tn";
    CHECK(library > 0);
    CHECK(support::cuda_faults() == "");
    standin::device().count = 1;
}

#endif
