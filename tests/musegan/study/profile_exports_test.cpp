// A profile as a trace, as folded stacks, as a table and as pictures.
#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <set>

#include "io/csv.hpp"
#include "musegan/study/profile_csv.hpp"
#include "musegan/study/profile_figures.hpp"
#include "musegan/study/profile_stacks.hpp"
#include "musegan/study/profile_trace.hpp"
#include "tests/support/chrome_trace_reader.hpp"
#include "tests/support/lines.hpp"
#include "tests/support/png.hpp"
#include "tests/support/profile_example.hpp"

using namespace musegan;
using support::example_profile;
using support::lines_of;
using support::ReadSpan;
using support::ReadTrace;

namespace {

ReadTrace read_trace(const Profile& profile) {
    return support::read_chrome_trace(io::serialize_chrome_trace(profile_trace(profile)));
}

Profile with_timeline(std::vector<ProfileSpan> timeline) {
    Profile profile;
    profile.rows = rows_of({timeline});
    profile.timeline = std::move(timeline);
    return profile;
}

/// "update/phase/...": what a span of the trace lies in, and itself.
std::map<std::string, int> paths_of(const ReadTrace& trace) {
    std::map<std::string, int> paths;
    std::vector<std::string> open;
    for (const ReadSpan& span : trace.spans) {
        open.resize(static_cast<std::size_t>(span.depth));
        open.push_back(span.name);
        ++paths[fmt::format("{}", fmt::join(open, "/"))];
    }
    return paths;
}

}  // namespace

TEST_CASE("profile trace: update > phase > layer > operator > kernel, one process for each update") {
    const Profile profile = example_profile(true);
    const ReadTrace trace = read_trace(profile);
    CHECK(trace.process_names == std::map<int, std::string>{{1, "critic update"}, {2, "generator update"}});
    CHECK(trace.metadata.at("device") == "cuda:0");
    CHECK(trace.metadata.at("work.preset") == "paper");
    CHECK(trace.metadata.at("how.passes") == "scores_together");
    const std::map<std::string, int> paths = paths_of(trace);
    CHECK(paths.at("critic update") == 1);
    CHECK(paths.at("critic update/critic forward, fake and real") == 1);
    CHECK(paths.at("critic update/critic forward, fake and real/critic.bars1/conv3d/conv3d_tensor_core") == 1);
    CHECK(paths.at("critic update/data/random/random_normal") == 1);  // in no layer
    CHECK(paths.at("generator update/generator backward/generator.pitches1/conv3d_weight_gradient") == 1);
    CHECK_FALSE(paths.contains("critic forward, fake and real"));
    // Every run is there once, with its length, and its category says what it is.
    std::size_t kernels = 0;
    for (const ReadSpan& span : trace.spans) {
        CHECK(std::set<std::string>{"update", "phase", "layer", "operator", "kernel"}.contains(span.category));
        if (span.category != "kernel") continue;
        const ProfileSpan& run = profile.timeline.at(kernels++);
        CHECK(span.name == run.words.kernel);
        CHECK(std::abs(static_cast<double>(span.end + 1 - span.start) - run.milliseconds * 1e6) <= 1);
        CHECK(std::abs(static_cast<double>(span.start) - run.start * 1e6) <= 1);
    }
    CHECK(kernels == profile.timeline.size());
}

TEST_CASE("profile trace: on a processor the operator is the run, and arguments say what it did") {
    const ReadTrace trace = read_trace(example_profile());
    CHECK(paths_of(trace).at("critic update/critic forward, fake and real/critic.bars1/conv3d") == 1);
    double flops = 0, of_updates = 0;
    for (const ReadSpan& span : trace.spans) {
        CHECK(span.category != "kernel");
        if (span.category == "operator") flops += span.arguments.at("FLOP").get<double>();
        if (span.category == "update") of_updates += span.arguments.at("FLOP").get<double>();
    }
    CHECK(of_updates == doctest::Approx(flops));
    ProfileSpan run{{"critic", "data", "", "copy", "copy_kernel"}, 1, 2, 0, 3e6};
    run.launch = tensor::LaunchFacts{{5, 6, 7}, {32, 2, 1}, 40, 1024, 0.75};
    const ReadSpan kernel = read_trace(with_timeline({run})).spans.back();
    CHECK(kernel.arguments.at("FLOP") == 0);
    CHECK(kernel.arguments.at("bytes") == 3'000'000);
    CHECK(kernel.arguments.at("GB/s") == 1.5);
    CHECK(kernel.arguments.at("grid") == "5 x 6 x 7");
    CHECK(kernel.arguments.at("block") == "32 x 2 x 1");
    CHECK(kernel.arguments.at("registers") == 40);
    CHECK(kernel.arguments.at("shared bytes") == 1024);
    CHECK(kernel.arguments.at("occupancy") == 0.75);
}

TEST_CASE("profile trace: equal words further on are a span of their own, and spans cover their pauses") {
    const auto run = [](const char* phase, const char* layer, double start) {
        return ProfileSpan{{"critic", phase, layer, "op", "op"}, start, 1, 0, 0};
    };
    const ReadTrace trace =
        read_trace(with_timeline({run("a", "x", 0), run("a", "x", 3), run("b", "x", 5), run("a", "x", 7)}));
    const std::map<std::string, int> paths = paths_of(trace);
    CHECK(paths.at("critic update/a") == 2);
    CHECK(paths.at("critic update/a/x") == 2);
    CHECK(paths.at("critic update/b/x") == 1);
    CHECK(paths.at("critic update/a/x/op") == 3);
    CHECK(trace.spans[0].end + 1 == 8'000'000);
    CHECK(trace.spans[1].name == "a");
    CHECK(trace.spans[1].end + 1 == 4'000'000);
    CHECK(trace.spans[1].arguments.at("calls") == 2);
}

TEST_CASE("profile trace: runs that begin inside an earlier one follow it at their full length") {
    // An operator of 5 ms whose inner one began after 1 ms and took 2: its own time is the 3 around that.
    const ReadTrace trace = read_trace(with_timeline({{{"critic", "a", "", "outer", "outer"}, 0, 3, 0, 0},
                                                      {{"critic", "a", "", "inner", "inner"}, 1, 2, 0, 0},
                                                      {{"critic", "a", "", "next", "next"}, 5.5, 1, 0, 0}}));
    const std::map<std::string, int> paths = paths_of(trace);
    CHECK(paths.at("critic update/a/inner") == 1);
    CHECK(trace.spans[3].name == "inner");
    CHECK(trace.spans[3].start == 3'000'000);
    CHECK(trace.spans[4].start == 5'500'000);
}

TEST_CASE("profile trace: a timeline of nothing, of no words and of hostile words is a trace all the same") {
    CHECK(read_trace(Profile{}).spans.empty());
    const ReadTrace bare = read_trace(with_timeline({{{}, 0, 1, 0, 0}, {{}, 1, 0, 0, 0}}));
    REQUIRE(bare.spans.size() == 2);
    CHECK(bare.spans[0].name == "(no name)");
    const std::string hostile = "\";\n\\\xff{}";
    const ReadTrace trace = read_trace(with_timeline({{{hostile, hostile, hostile, hostile, "k"}, 0, 1, 0, 0}}));
    CHECK(trace.spans.size() == 5);
}

TEST_CASE("profile stacks: one line for each row in the order of the timeline, whole nanoseconds") {
    const Profile profile = example_profile(true);
    const std::vector<std::string> lines = lines_of(profile_stacks(profile));
    CHECK(lines.size() == profile.rows.size());
    CHECK(lines[0].starts_with("critic update;data;random;random_normal "));
    CHECK(lines[2].starts_with("critic update;generator forward;generator.temporal1;conv3d;conv3d_tensor_core "));
    const auto first = std::find_if(profile.rows.begin(), profile.rows.end(),
                                    [&](const ProfileRow& row) { return row.words == profile.timeline[0].words; });
    CHECK(lines[0].ends_with(fmt::format(" {}", std::llround(first->milliseconds() * 1e6))));
    double sum = 0, busy = 0;
    for (const ProfileRow& row : profile.rows) busy += row.milliseconds();
    for (const std::string& line : lines) {
        const std::size_t space = line.rfind(' ');
        CHECK(line.find_first_not_of("0123456789", space + 1) == std::string::npos);
        sum += std::stod(line.substr(space + 1));
    }
    CHECK(std::abs(sum - busy * 1e6) < static_cast<double>(lines.size()));
    // Without a timeline, as of a profile that was read, the order is that of the words.
    Profile read = profile;
    read.timeline.clear();
    const std::vector<std::string> sorted = lines_of(profile_stacks(read));
    CHECK(sorted.size() == lines.size());
    CHECK(sorted[0].starts_with("critic update;critic Adam;critic.bars1;adam;adam_kernel "));
}

TEST_CASE("profile stacks: names cannot break a line or a stack") {
    const Profile profile = with_timeline({{{"critic", "a;b", "c\nd", "e f", "g\th"}, 0, 1, 0, 0},
                                           {{"critic", "a;b", "", "", ""}, 1, 2, 0, 0},
                                           {{}, 3, 4, 0, 0},
                                           {{"critic", "short", "", "", ""}, 7, 1e-7, 0, 0}});
    CHECK(profile_stacks(profile) ==
          "critic update;a,b;c d;e f;g h 1000000\n"
          "critic update;a,b 2000000\n"
          "(no name) 4000000\n");
    CHECK(profile_stacks(Profile{}).empty());
}

TEST_CASE("profile csv: every row with its rates and bounds, empty where nothing is known") {
    const Profile profile = example_profile(true);
    const auto table = io::parse_csv(profile_csv(profile), "profile.csv");
    REQUIRE(table.size() == profile.rows.size() + 1);
    const std::vector<std::string>& header = table[0];
    REQUIRE(header.size() == 21);
    const auto cell = [&](std::size_t row, const char* column) {
        const auto found = std::find(header.begin(), header.end(), column);
        REQUIRE(found != header.end());
        return table[row].at(static_cast<std::size_t>(found - header.begin()));
    };
    double share = 0;
    for (std::size_t k = 0; k < profile.rows.size(); ++k) {
        const ProfileRow& row = profile.rows[k];
        CHECK(table[k + 1].size() == 21);
        CHECK(cell(k + 1, "layer") == row.words.layer);
        CHECK(std::stod(cell(k + 1, "ms")) == row.milliseconds());
        CHECK(std::stod(cell(k + 1, "mean_ms")) == row.mean());
        CHECK(std::stod(cell(k + 1, "GFLOP/s")) == row.gflops());
        CHECK(std::stod(cell(k + 1, "share_of_bound")) == profile.share_of_bound(row));
        CHECK(cell(k + 1, "bound") == name_of(profile.floor_of(row).bound));
        CHECK(cell(k + 1, "registers") == std::to_string(row.launch->registers));
        CHECK(cell(k + 1, "shared_bytes") == std::to_string(row.launch->shared_bytes));
        CHECK(std::stod(cell(k + 1, "occupancy")) == row.launch->occupancy);
        share += std::stod(cell(k + 1, "share"));
    }
    CHECK(std::abs(share - 1) < 0.05);  // the sum of medians is not quite the median of the sums
    const auto joined = io::parse_csv(profile_csv(profile, ProfileGrouping::operation), "profile.csv");
    CHECK(joined.size() == group_rows(profile, ProfileGrouping::operation).size() + 1);
    CHECK(joined[1][0].empty());
    CHECK_FALSE(joined[1][3].empty());
}

TEST_CASE("profile csv: the whole line of a row of which little is known") {
    Profile profile;
    ProfileRow row{{"critic", "a, b", "", "copy \"all\"", "copy"}, 2, 0, 4e6};
    row.rounds = {0};
    profile.rows = {row};
    CHECK(profile_csv(profile) ==
          "update,phase,layer,operation,kernel,calls,ms,share,mean_ms,least_ms,most_ms,GFLOP,MB,GFLOP/s,GB/s,FLOP/byte,"
          "share_of_bound,bound,registers,shared_bytes,occupancy\n"
          "critic,\"a, b\",,\"copy \"\"all\"\"\",copy,2,0,,0,0,0,0,4,,,0,,,,,\n");
    profile.rows[0].rounds = {2};
    profile.rows[0].bytes = 0;
    profile.rows[0].launch = tensor::LaunchFacts{{}, {}, 8, 0, 0};
    const auto table = io::parse_csv(profile_csv(profile), "profile.csv");
    CHECK(table[1][7] == "1");
    CHECK(table[1][15].empty());  // FLOP per byte of no bytes
    CHECK(table[1][16].empty());  // no roofs
    CHECK(table[1][18] == "8");
    CHECK(table[1][20].empty());  // an occupancy of 0 is not known
}

TEST_CASE("profile figures: pictures of a whole profile and of an empty one, the same each time") {
    for (const bool on_gpu : {false, true}) {
        const Profile profile = example_profile(on_gpu);
        CHECK(roofline_figure(profile).width() == 900);
        CHECK(flame_figure(profile).width() == 900);
        CHECK(roofline_figure(profile).png() == roofline_figure(example_profile(on_gpu)).png());
        CHECK(flame_figure(profile).svg() == flame_figure(example_profile(on_gpu)).svg());
    }
    CHECK_NOTHROW(roofline_figure(Profile{}).png());
    CHECK_NOTHROW(flame_figure(Profile{}).png());
    // A phase keeps its colour when its time changes: that of the penalty's backward pass is wine.
    Profile slower = example_profile();
    for (ProfileRow& row : slower.rows)
        if (row.words.phase == "penalty backward") row.rounds = {row.milliseconds() * 3};
    const Color wine{136, 34, 85};
    const auto wine_pixels = [&](const Profile& profile) {
        return support::decode_png(flame_figure(profile).png()).count(wine);
    };
    CHECK(wine_pixels(example_profile()) > 1000);
    CHECK(wine_pixels(slower) > 1.5 * static_cast<double>(wine_pixels(example_profile())));
}
