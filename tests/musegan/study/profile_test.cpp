// Rows of a profile: grouping, floors and shares, and rows out of runs.
#include "musegan/study/profile.hpp"

#include <doctest/doctest.h>

#include "musegan/study/profile_text.hpp"
#include "musegan/study/statistics.hpp"
#include "tests/musegan/study/small_profile.hpp"

using musegan::Bound;
using musegan::Profile;
using musegan::ProfileGrouping;
using musegan::ProfileRow;
using musegan::ProfileSpan;
using study_tests::small_profile;

TEST_CASE("the median is the middle, and the spread hardly moves with one outlier") {
    CHECK(musegan::median({}) == 0);
    CHECK(musegan::median({3}) == 3);
    CHECK(musegan::median({5, 1, 3}) == 3);
    CHECK(musegan::median({4, 1, 3, 2}) == 2.5);
    CHECK(musegan::spread({1, 2, 3, 4, 1000}) == doctest::Approx(1.4826));
    CHECK(musegan::spread({7, 7, 7}) == 0);
}

TEST_CASE("rows of a grouping add up what they join, and keep the words of the grouping alone") {
    const Profile profile = small_profile();
    for (const auto grouping : {ProfileGrouping::kernel, ProfileGrouping::operation, ProfileGrouping::layer,
                                ProfileGrouping::phase, ProfileGrouping::all}) {
        CAPTURE(tensor::name_of(grouping));
        std::int64_t calls = 0;
        double flops = 0, bytes = 0, first_round = 0, before = 1e30;
        for (const ProfileRow& row : group_rows(profile, grouping)) {
            calls += row.calls;
            flops += row.flops;
            bytes += row.bytes;
            first_round += row.rounds[0];
            CHECK(row.milliseconds() <= before);
            before = row.milliseconds();
        }
        CHECK(calls == 18);
        CHECK(flops == 11.01e8);
        CHECK(bytes == 6.801e7);
        CHECK(first_round == 61);
    }
    const std::vector<ProfileRow> kernels = group_rows(profile, ProfileGrouping::kernel);
    REQUIRE(kernels.size() == 5);
    const ProfileRow& weights = kernels[0];
    CHECK(weights.words == musegan::ProfileWords{.kernel = "conv3d_weight_gradient"});
    CHECK(weights.calls == 5);
    CHECK(weights.rounds == std::vector<double>{26, 30, 22});
    CHECK(weights.milliseconds() == 26);
    CHECK(weights.least == 1);
    CHECK(weights.most == 9);
    CHECK(weights.gflops() == doctest::Approx(7e8 / 26e-3 * 1e-9));
    CHECK(group_rows(profile, ProfileGrouping::phase).front().words.update == "critic");
}

TEST_CASE("a floor is the longest of arithmetic, memory and starts") {
    const Profile profile = small_profile();
    const auto floor = [&](std::int64_t calls, double flops, double bytes) {
        return profile.floor_of({.words = {}, .calls = calls, .flops = flops, .bytes = bytes});
    };
    CHECK(floor(1, 3e8, 2e7).milliseconds == doctest::Approx(3));
    CHECK(floor(1, 3e8, 2e7).bound == Bound::arithmetic);
    CHECK(floor(1, 3e8, 4e7).milliseconds == doctest::Approx(4));
    CHECK(floor(1, 3e8, 4e7).bound == Bound::memory);
    CHECK(floor(10, 3e8, 4e7).milliseconds == doctest::Approx(5));
    CHECK(floor(10, 3e8, 4e7).bound == Bound::launch);
    ProfileRow row{.words = {}, .calls = 1, .flops = 3e8, .bytes = 0, .rounds = {6}};
    CHECK(profile.share_of_bound(row) == doctest::Approx(0.5));

    Profile tf32 = profile;  // whose products are counted against the tensor cores' rate
    tf32.roofs.tf32_gflops = 1000;
    CHECK(tf32.floor_of(row).milliseconds == doctest::Approx(3));
    tf32.precision = "tf32";
    CHECK(tf32.floor_of(row).bound == Bound::launch);
    CHECK(tf32.floor_of({.words = {}, .calls = 0, .flops = 3e8}).milliseconds == doctest::Approx(0.3));
    tf32.precision = "bf16";  // of which no rate was measured
    CHECK(tf32.product_gflops() == 100);
    tf32.roofs.bf16_gflops = 200;
    CHECK(tf32.floor_of(row).milliseconds == doctest::Approx(1.5));
    tf32.precision = "of another program";
    CHECK(tf32.product_gflops() == 100);
}

TEST_CASE("what moves few bytes per call is held against the rate of a cache") {
    Profile profile = small_profile();
    profile.roofs.caches = {{1e5, 100}, {1e6, 20}};
    CHECK(profile.roofs.copy_rate(1) == 100);
    CHECK(profile.roofs.copy_rate(1e5) == 100);
    CHECK(profile.roofs.copy_rate(2e6) == 20);
    CHECK(profile.roofs.copy_rate(1e9) == 10);
    // 1e6 bytes in one call, or in two of 5e5 each.
    CHECK(profile.floor_of({.words = {}, .calls = 1, .bytes = 2e7}).milliseconds == doctest::Approx(1));
    CHECK(profile.floor_of({.words = {}, .calls = 1, .bytes = 1e9}).milliseconds == doctest::Approx(100));
}

TEST_CASE("runs of the same words are a row, round by round") {
    const auto span = [](const char* operation, double milliseconds, std::vector<double> threads) {
        return ProfileSpan{.words = {.operation = operation},
                           .milliseconds = milliseconds,
                           .flops = 3,
                           .bytes = 5,
                           .threads = std::move(threads)};
    };
    const std::vector<ProfileRow> rows =
        musegan::rows_of({{span("a", 1, {1, 1}), span("b", 7, {7, 0}), span("a", 2, {2, 0})},
                          {span("a", 3, {3, 3}), span("b", 9, {9, 0}), span("a", 4, {4, 4})}});
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].words.operation == "b");
    CHECK(rows[0].busy_threads() == 1);
    const ProfileRow& a = rows[1];
    CHECK(a.calls == 2);
    CHECK(a.flops == 6);
    CHECK(a.bytes == 10);
    CHECK(a.rounds == std::vector<double>{3, 7});
    CHECK(a.least == 1);
    CHECK(a.most == 4);
    CHECK(a.threads == std::vector<double>{5, 4});
    CHECK(a.busy_threads() == doctest::Approx(18.0 / 10));
}

TEST_CASE("a table has a line per row, as many as asked for, and says what it left out") {
    const Profile profile = small_profile();
    const std::string table = profile_table(profile, ProfileGrouping::phase, 3);
    CAPTURE(table);
    CHECK(std::count(table.begin(), table.end(), '\n') == 5);
    CHECK(table.find("... and 7 more, 34.00 ms together (--lines 10)") != std::string::npos);
    CHECK(table.find("critic Adam") != std::string::npos);
    CHECK(table.find("occupancy") == std::string::npos);
    CHECK(profile_table(profile, ProfileGrouping::all, 100).find("  kernel") == std::string::npos);

    Profile gpu = profile;
    gpu.rows[0].launch =
        tensor::LaunchFacts{.grid = {4, 1, 1}, .block = {256, 1, 1}, .registers = 77, .occupancy = 0.5};
    gpu.rows[0].words.kernel = "tile_kernel";
    const std::string launches = profile_table(gpu, ProfileGrouping::all, 100);
    for (const char* part : {"  kernel", "tile_kernel", "77", "50%"}) CHECK(launches.find(part) != std::string::npos);
}

TEST_CASE("a tree tells layers, phases and kernels apart, and sums up what is small") {
    const std::string tree = profile_tree(small_profile(), 0.1);
    CAPTURE(tree);
    const std::size_t layer = tree.find("  critic.conv1 "), phase = tree.find("    critic backward, fake "),
                      kernel = tree.find("      conv3d_weight_gradient ");
    CHECK(layer < phase);
    CHECK(phase < kernel);
    CHECK(kernel != std::string::npos);
    CHECK(tree.find("smaller)") != std::string::npos);
}
