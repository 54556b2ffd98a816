// Two profiles: what changed beyond the noise, and which cannot be compared.
#include "musegan/study/profile_compare.hpp"

#include <doctest/doctest.h>

#include "tests/musegan/study/small_profile.hpp"
#include "tests/support/compare.hpp"

using musegan::Profile;
using musegan::ProfileChange;
using musegan::ProfileGrouping;
using musegan::TimeChange;
using musegan::Verdict;
using study_tests::small_profile;

namespace {

ProfileChange compare(const Profile& before, const Profile& after, ProfileGrouping grouping = ProfileGrouping::kernel) {
    return compare_profiles(before, after, grouping, "a.json", "b.json");
}

const TimeChange& row(const ProfileChange& change, const std::string& kernel) {
    for (const TimeChange& each : change.rows)
        if (each.words.kernel == kernel) return each;
    FAIL("no row ", kernel);
    return change.rows.front();
}

}  // namespace

TEST_CASE("a profile is the same as itself") {
    const ProfileChange change = compare(small_profile(), small_profile());
    CHECK(change.verdict() == Verdict::same);
    CHECK(change.differences.empty());
    CHECK(change.updates.size() == 2);
    for (const TimeChange& each : change.rows) CHECK(each.verdict() == Verdict::same);
    CHECK(change_text(change, 10).find("verdict: same") != std::string::npos);
}

TEST_CASE("the noise is three deviations of the difference of two rounds, and at least 2 %") {
    Profile before = small_profile(), after = small_profile();
    // Medians 51; the median distance from it is 1 in both.
    CHECK(compare(before, after).updates[0].noise == doctest::Approx(3 * 1.4826 * std::sqrt(2.0)));
    before.critic_ms = after.critic_ms = {50, 50, 50};
    CHECK(compare(before, after).updates[0].noise == 1);
    after.critic_ms = {51, 51, 51};
    CHECK(compare(before, after).verdict() == Verdict::same);
    after.critic_ms = {51.1, 51.1, 51.1};
    CHECK(compare(before, after).verdict() == Verdict::slower);
    CHECK(compare(after, before).verdict() == Verdict::faster);
    after.generator_ms = {5, 5, 5};  // one slower, the other faster
    CHECK(compare(before, after).verdict() == Verdict::slower);
}

TEST_CASE("rows are found by their words, and new and gone ones are named") {
    const Profile before = small_profile();
    Profile after = small_profile();
    for (musegan::ProfileRow& each : after.rows) {
        if (each.words.kernel == "adam") each.words.kernel = "fused_adam";
        if (each.words.kernel == "matmul_nn") each.rounds = {30, 30, 30};
    }
    const ProfileChange change = compare(before, after);
    CHECK(row(change, "adam").only_before);
    CHECK(row(change, "fused_adam").only_after);
    CHECK(row(change, "matmul_nn").verdict() == Verdict::slower);
    CHECK(row(change, "conv3d").verdict() == Verdict::same);
    CHECK(change.rows.front().words.kernel == "matmul_nn");
    const std::string text = change_text(change, 2);
    CAPTURE(text);
    CHECK(support::contains_all(text, {"matmul_nn", "and 1 more that changed", "3 parts within their noise"}));
}

TEST_CASE("how the work is done may differ and is said, what is done may not") {
    const Profile before = small_profile();
    Profile after = small_profile();
    after.how[0].second = "scores_together";
    after.threads = 4;
    CHECK(compare(before, after).differences ==
          std::vector<std::string>{"threads 2, then 4", "passes in_turn, then scores_together"});
    after.work[1].second = "16";
    CHECK(support::message_of([&] { compare(before, after); }) ==
          "[b.json] a profile of other work: batch is 16, expected 8 as in a.json");
    after = small_profile();
    after.work.push_back({"clip", "1"});
    CHECK(support::contains_all(support::message_of([&] { compare(before, after); }), {"clip is 1, expected nothing"}));
    after = small_profile();
    after.generator_ms.clear();
    CHECK(support::contains_all(support::message_of([&] { compare(before, after); }), {"without generator updates"}));
}
