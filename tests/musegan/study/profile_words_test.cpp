// A profile in words, each number held against one counted by hand from small_profile.hpp.
#include "musegan/study/profile_words.hpp"

#include <doctest/doctest.h>

#include "musegan/training/phases.hpp"
#include "tests/musegan/study/small_profile.hpp"
#include "tests/support/compare.hpp"

using musegan::PenaltyCost;
using musegan::Profile;
using study_tests::small_profile;

TEST_CASE("the penalty costs its forward pass, the slopes and its own backward pass") {
    const PenaltyCost cost = penalty_cost(small_profile());
    CHECK(cost.forward == 5);
    CHECK(cost.slopes == 3);
    CHECK(cost.backward == 8);
    CHECK(cost.update == 4 + 4 + 8 + 8 + 5 + 3 + 8 + 10);
    CHECK(cost.share() == 16.0 / 50);
    CHECK(cost.plain_backward == 8);
    CHECK(cost.multiple() == 2);
}

TEST_CASE("of a pass that is shared the penalty has the share of its phrases") {
    Profile profile = small_profile();
    for (musegan::ProfileRow& row : profile.rows) {
        if (row.words.phase == musegan::phases::forward_interpolated) row.words.phase = musegan::phases::forward_all;
        if (row.words.phase == musegan::phases::backward_fake) row.words.phase = musegan::phases::backward_scores;
        if (row.words.phase == musegan::phases::backward_real) row.words.phase = musegan::phases::critic_adam;
    }
    const PenaltyCost cost = penalty_cost(profile);
    CHECK(cost.forward == doctest::Approx(5.0 / 3));
    CHECK(cost.plain_backward == 4);  // 8 ms for twice as many phrases
}

TEST_CASE("first comes what stands highest above its floor, in a layer, over all phases") {
    const std::vector<musegan::Candidate> first = candidates(small_profile(), 2);
    REQUIRE(first.size() == 2);
    // 24 ms in three phases, each with 2e8 FLOPs: 2 ms.
    CHECK(first[0].row.words == musegan::ProfileWords{.layer = "critic.conv1", .kernel = "conv3d_weight_gradient"});
    CHECK(first[0].gain == doctest::Approx(24 - 3 * 2));
    CHECK(first[0].row.calls == 4);
    CHECK(first[1].gain == doctest::Approx(13 - 3 * 1));
    CHECK(candidates(small_profile(), 100).size() == 6);
}

TEST_CASE("the paragraphs say the figures") {
    const std::vector<std::string> words = profile_words(small_profile());
    std::string all;
    for (const std::string& paragraph : words) all += paragraph + "\n";
    CAPTURE(all);
    using support::contains_all;
    CHECK(contains_all(words[0], {"3 rounds", "two cores", "51 ms (50 ms to 52 ms)", "5 critic updates", "275 ms"}));
    CHECK(contains_all(words[1], {"16 ms of the critic update's 50 ms (32 %)", "2.00 times a plain backward pass"}));
    CHECK(contains_all(words[2], {"61 ms in sum", "10 F = 1.00 GFLOP at 100 GFLOP/s, would take 10 ms", "5.10 times"}));
    CHECK(contains_all(words[3], {"63 B at their peak", "8 B activations", "16 B masks", "32 phrases"}));
    CHECK(contains_all(words[4],
                       {"1. conv3d_weight_gradient in critic.conv1, 24 ms", "bound by arithmetic", "at most 18 ms"}));
    CHECK(contains_all(words[5], {"CPU clock", "1.020 times"}));

    Profile gpu = small_profile();
    gpu.idle_share = 0.25;
    gpu.device = "cuda:0";
    gpu.note = "[profile] no CUPTI";
    // Of a device an update by itself is told too, and what observing costs is counted against that.
    gpu.critic_alone = {.latency = {102, 106, 104}, .host = {7, 9, 8}, .device = {43, 44, 45}};
    const std::vector<std::string> of_gpu = profile_words(gpu);
    CHECK(contains_all(of_gpu[0], {"in a queue of updates", "104", "the host issues it in 8", "works for 44"}));
    CHECK(contains_all(of_gpu.back(), {"0.500 times", "generator update 1.000 times"}));
    CHECK_FALSE(contains_all(words[0], {"queue"}));
    CHECK(contains_all(of_gpu[2], {"idle for 25 %"}));
    CHECK(contains_all(of_gpu[5], {"([profile] no CUPTI)"}));
    Profile plain = small_profile();
    plain.has_penalty = false;
    CHECK(profile_words(plain)[1] == "There is no gradient penalty.");
}
