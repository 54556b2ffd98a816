// A network is its stacks, wired as its plan says: the same bits as stacks that are composed by hand.
#include "layers/network.hpp"

#include <doctest/doctest.h>

#include "autograd/check_gradients.hpp"
#include "autograd/rearrange.hpp"
#include "tensor/elementwise.hpp"
#include "tests/layers/workshop.hpp"
#include "tests/support/compare.hpp"

using namespace layers;
using support::Workshop;

namespace {

constexpr int track_axis = 3, channel_axis = 4;

/// A convolution of stride 1.
LayerRow row(const std::string& name, std::int64_t channels, const Extents& kernel = {}) {
    return {.name = name, .channels = channels, .kernel = kernel, .activation = Activation::leaky_relu};
}

std::vector<double> values(const Variable& x) { return x.value().values<double>(); }
std::vector<double> run(const Network& network, const Sources& sources) {
    return values(Variable(network(sources, Mode::training)));
}

/// Stacks made one after the other, with the weights that a network has whose stacks are made in that order.
struct ByHand {
    Workshop shop;
    std::vector<Stack> stacks{};

    void add(const std::vector<std::string>& names, const Volume& input, const Table& table) {
        Builder builder = shop.builder;
        for (const std::string& name : names) builder = builder.within(name);
        stacks.emplace_back(builder, input, table);
    }
    Variable operator()(std::size_t i, const Variable& x) const { return stacks[i](x, Mode::training); }
};

Variable beside(const std::vector<Variable>& parts, int axis) { return autograd::concat(parts, axis); }
Variable track_of(const Variable& x, std::int64_t track) { return autograd::slice(x, track_axis, track, track + 1); }

/// Names of all tensors, in order.
std::vector<std::string> names_of(const Parameters& parameters) {
    std::vector<std::string> names;
    for (const NamedTensor& each : tensors_of(parameters)) names.push_back(each.name);
    return names;
}

/// A network is that of `hand` if it has the same names, in order, of the same values.
void check_same_parameters(const Workshop& network, const ByHand& hand) {
    CHECK(names_of(network.parameters) == names_of(hand.shop.parameters));
    const std::vector<NamedTensor> got = tensors_of(network.parameters), expected = tensors_of(hand.shop.parameters);
    for (std::size_t i = 0; i < std::min(got.size(), expected.size()); ++i) {
        CAPTURE(got[i].name);
        CHECK(got[i].tensor.values<double>() == expected[i].tensor.values<double>());
    }
}

/// Weights of order one, so that finite differences see them.
void enlarge(const Workshop& shop) {
    for (const Parameter& each : shop.parameters.trainable)
        if (each.name.ends_with("weight")) {
            Tensor live = each.variable.value();
            tensor::assign(tensor::scale(live, 20.0), live);
        }
}

/// Among some hundred values in front of a ReLU, one of 2^-10 would cross a kink.
constexpr double small_step = 0x1p-16;

constexpr Volume two_tracks{{4, 3, 2}, 1};
const std::vector<std::string> bass_and_drums{"bass", "drums"};

}  // namespace

TEST_CASE("network: parts in sequence are their stacks one after the other, bit for bit") {
    const Table first{row("conv1", 3, {2, 1, 1}), row("conv2", 2, {1, 2, 1})},
        second{{.name = "dense1", .kind = LayerKind::dense, .channels = 4}};
    Workshop shop;
    const Network network(shop.builder, {{"x", two_tracks}},
                          {{{"first", {"x"}, false, first}, {"", {"first"}, false, second}}, bass_and_drums});
    ByHand hand;
    hand.add({"first"}, two_tracks, first);
    hand.add({}, {{3, 2, 2}, 2}, second);
    check_same_parameters(shop, hand);
    CHECK(network.output() == Volume{{1, 1, 1}, 4});
    const Variable x = shop.input({3, 4, 3, 2, 1});
    CHECK(run(network, {{"x", x}}) == values(hand(1, hand(0, x))));
    CHECK(network.flops(3) == hand.stacks[0].flops(3) + hand.stacks[1].flops(3));
    CHECK(network.geometries().size() == 2);
    CHECK_FALSE(network.has(Norm::batch));
}

TEST_CASE("network: two branches that read the same, and a part that reads their channels side by side in its order") {
    const Table left{row("conv1", 2, {2, 1, 1})}, right{row("conv1", 3, {2, 1, 1})}, merged{row("conv1", 2)};
    for (const bool swapped : {false, true}) {
        CAPTURE(swapped);
        const std::vector<std::string> order =
            swapped ? std::vector<std::string>{"right", "left", "y"} : std::vector<std::string>{"y", "left", "right"};
        Workshop shop;
        const Volume other{{3, 3, 2}, 4};
        const Network network(
            shop.builder, {{"x", two_tracks}, {"y", other}},
            {{{"left", {"x"}, false, left}, {"right", {"x"}, false, right}, {"merged", order, false, merged}},
             bass_and_drums});
        ByHand hand;
        hand.add({"left"}, two_tracks, left);
        hand.add({"right"}, two_tracks, right);
        hand.add({"merged"}, {{3, 3, 2}, 9}, merged);
        check_same_parameters(shop, hand);
        const Variable x = shop.input({2, 4, 3, 2, 1}), y = shop.input({2, 3, 3, 2, 4});
        const Variable a = hand(0, x), b = hand(1, x);
        const Variable read = beside(swapped ? std::vector{b, a, y} : std::vector{y, a, b}, channel_axis);
        CHECK(run(network, {{"x", x}, {"y", y}}) == values(hand(2, read)));
    }
}

TEST_CASE("network: a part per track reads its own track of a source, and the network makes tracks side by side") {
    const Table table{row("conv1", 2, {2, 3, 1}), row("conv2", 3)};
    Workshop shop;
    const Network network(shop.builder, {{"x", two_tracks}}, {{{"own", {"x"}, true, table}}, bass_and_drums});
    CHECK(network.output() == Volume{{3, 1, 2}, 3});
    ByHand hand;
    hand.add({"own", "bass"}, {{4, 3, 1}, 1}, table);
    hand.add({"own", "drums"}, {{4, 3, 1}, 1}, table);
    check_same_parameters(shop, hand);
    const Variable x = shop.input({3, 4, 3, 2, 1});
    const Variable y = network({{"x", x}}, Mode::training);
    CHECK(y.shape() == Shape{3, 3, 1, 2, 3});
    CHECK(values(y) == values(beside({hand(0, track_of(x, 0)), hand(1, track_of(x, 1))}, track_axis)));
    CHECK(network.flops(3) == hand.stacks[0].flops(3) + hand.stacks[1].flops(3));
    CHECK(network.geometries().size() == 4);
}

TEST_CASE("network: parts per track read a shared part whole and of a part per track their own, and a shared one all") {
    const Table one{row("conv1", 2, {1, 1, 2})}, two{row("conv1", 3)}, three{row("conv1", 2)}, four{row("conv1", 5)};
    Workshop shop;
    const Network network(shop.builder, {{"x", two_tracks}},
                          {{{"shared", {"x"}, false, one},
                            {"early", {"shared"}, true, two},
                            {"late", {"early", "shared"}, true, three},
                            {"merged", {"late", "early"}, false, four}},
                           bass_and_drums});
    ByHand hand;
    const Extents narrow{4, 3, 1};
    hand.add({"shared"}, two_tracks, one);
    for (const auto& track : bass_and_drums) hand.add({"early", track}, {narrow, 2}, two);
    for (const auto& track : bass_and_drums) hand.add({"late", track}, {narrow, 5}, three);
    hand.add({"merged"}, {narrow, 2 * 2 + 2 * 3}, four);
    check_same_parameters(shop, hand);
    CHECK(network.output() == Volume{narrow, 5});
    const Variable x = shop.input({2, 4, 3, 2, 1});
    const Variable shared = hand(0, x), early0 = hand(1, shared), early1 = hand(2, shared);
    const Variable late0 = hand(3, beside({early0, shared}, channel_axis)),
                   late1 = hand(4, beside({early1, shared}, channel_axis));
    CHECK(run(network, {{"x", x}}) == values(hand(5, beside({late0, late1, early0, early1}, channel_axis))));
}

TEST_CASE("network: names have the part, the track of a part per track, and the row, but no track where there is one") {
    const auto names = [](const std::vector<std::string>& tracks, const std::string& part) {
        Workshop shop;
        const Volume input{{4, 3, static_cast<std::int64_t>(tracks.size())}, 1};
        LayerRow normed = row("conv2", 2);
        normed.norm = Norm::batch;
        const Network network(shop.builder, {{"x", input}},
                              {{{"shared", {"x"}, false, {row("conv1", 2)}}, {part, {"x"}, true, {normed}}}, tracks});
        return names_of(shop.parameters);
    };
    const std::vector<std::string> shared{"net.shared.conv1.weight", "net.shared.conv1.bias"};
    const auto expected = [&](const std::vector<std::string>& prefixes) {
        std::vector<std::string> all = shared;
        for (const std::string& prefix : prefixes)
            for (const char* name : {"weight", "bias", "norm.gamma", "norm.beta"}) all.push_back(prefix + name);
        for (const std::string& prefix : prefixes)
            for (const char* name : {"norm.running_mean", "norm.running_variance"}) all.push_back(prefix + name);
        return all;
    };
    CHECK(names({"bass", "drums"}, "private") == expected({"net.private.bass.conv2.", "net.private.drums.conv2."}));
    CHECK(names({"bass"}, "private") == expected({"net.private.conv2."}));
    CHECK(names({"bass", "drums"}, "") == expected({"net.bass.conv2.", "net.drums.conv2."}));
    CHECK(names({"bass"}, "") == expected({"net.conv2."}));
}

TEST_CASE("network: output shifts are those of its last part, one per track") {
    const auto shifts = [](bool per_track) {
        Workshop shop;
        const Network network(
            shop.builder, {{"x", two_tracks}},
            {{{"first", {"x"}, true, {row("conv1", 3)}}, {"last", {"first"}, per_track, {row("conv1", 3)}}},
             bass_and_drums});
        double next = 1;
        for (const Parameter& each : shop.parameters.trainable)
            if (each.name.ends_with("bias")) {
                Tensor live = each.variable.value();
                tensor::assign(Tensor::from(std::vector<double>(3, next++), {3}), live);
            }
        std::vector<double> first_values;
        for (const Variable& shift : network.output_shifts()) {
            CHECK(shift.shape() == Shape{3});
            first_values.push_back(values(shift).front());
        }
        return first_values;
    };
    CHECK(shifts(true) == std::vector<double>{3, 4});
    CHECK(shifts(false) == std::vector<double>{3});
}

TEST_CASE("network: it has the norms of all its stacks") {
    LayerRow normed = row("conv1", 2);
    normed.norm = Norm::layer;
    Workshop shop;
    const Network network(
        shop.builder, {{"x", two_tracks}},
        {{{"first", {"x"}, true, {normed}}, {"last", {"first"}, false, {row("conv1", 3)}}}, bass_and_drums});
    CHECK(network.has(Norm::layer));
    CHECK(network.has(Norm::none));
    CHECK_FALSE(network.has(Norm::batch));
}

namespace {

/// Two branches per track and one more, all tracks merged, and a second view of the phrases beside them.
NetworkPlan critic_plan(Norm norm) {
    Table pitch_time{row("conv1", 2, {1, 3, 1}), row("conv2", 2, {2, 1, 1})},
        time_pitch{row("conv1", 2, {2, 1, 1}), row("conv2", 3, {1, 3, 1})}, own{row("conv1", 2)},
        shared{row("conv1", 3, {2, 1, 1})}, onset{row("conv1", 2, {3, 1, 2})},
        merged{row("conv1", 3), {.name = "dense1", .kind = LayerKind::dense}};
    for (Table* const table : {&pitch_time, &time_pitch, &own, &shared, &onset}) table->back().norm = norm;
    merged.front().activation = Activation::tanh;
    return {{{"pitch_time", {"phrases"}, true, pitch_time},
             {"time_pitch", {"phrases"}, true, time_pitch},
             {"private", {"pitch_time", "time_pitch"}, true, own},
             {"shared", {"private"}, false, shared},
             {"onset", {"onsets"}, false, onset},
             {"merged", {"shared", "onset"}, false, merged}},
            bass_and_drums};
}

const Volumes critic_sources{{"phrases", two_tracks}, {"onsets", {{4, 1, 2}, 1}}};

/// A map of what it reads per row, for the generator.
NetworkPlan encoder_plan() {
    LayerRow fine = row("conv1", 2, {1, 2, 1}), coarse = row("conv2", 3, {2, 1, 1});
    fine.stride = {1, 2, 1};
    coarse.stride = {2, 1, 1};
    fine.map = "4 x 2";
    coarse.map = "2 x 2";
    fine.norm = coarse.norm = Norm::batch;
    return {{{"", {"given"}, false, {fine, coarse}}}, {"piano"}};
}
const Volumes encoder_sources{{"given", {{4, 4, 1}, 1}}};

/// From a vector to [4, 4, 2, 1]: shared rows, two branches per track, and a row that merges them.
NetworkPlan generator_plan() {
    const auto up = [](const std::string& name, std::int64_t channels, const Extents& kernel,
                       const std::string& joins) {
        return LayerRow{.name = name,
                        .kind = LayerKind::transposed,
                        .channels = channels,
                        .kernel = kernel,
                        .stride = kernel,
                        .norm = Norm::batch,
                        .activation = Activation::relu,
                        .joins = joins};
    };
    LayerRow last = up("conv1", 1, {1, 1, 1}, "");
    last.activation = Activation::tanh;
    return {{{"shared", {"latents"}, false, {up("conv1", 3, {2, 1, 1}, ""), up("conv2", 2, {1, 2, 1}, "")}},
             {"pitch_time", {"shared"}, true, {up("conv1", 2, {1, 2, 1}, "2 x 2"), up("conv2", 2, {2, 1, 1}, "")}},
             {"time_pitch", {"shared"}, true, {up("conv1", 2, {2, 1, 1}, ""), up("conv2", 3, {1, 2, 1}, "4 x 2")}},
             {"merged", {"pitch_time", "time_pitch"}, true, {last}}},
            bass_and_drums};
}
const Volumes generator_sources{{"latents", {{1, 1, 1}, 3}}};

}  // namespace

TEST_CASE("network: a critic of branches per track has right gradients at order 1 and 2, plain and with layer norm") {
    for (const Norm norm : {Norm::none, Norm::layer}) {
        CAPTURE(std::string(tensor::name_of(norm)));
        Workshop shop;
        const Network critic(shop.builder, critic_sources, critic_plan(norm));
        CHECK(critic.output() == Volume{{1, 1, 1}, 1});
        enlarge(shop);
        autograd::check_gradients(
            [&](const std::vector<Variable>& in) {
                return Variable(critic({{"phrases", in[0]}, {"onsets", in[1]}}, Mode::training));
            },
            {shop.normal({2, 4, 3, 2, 1}), shop.normal({2, 4, 1, 2, 1})},
            {.order = 2, .tolerance = 1e-6, .step = small_step});
    }
}

TEST_CASE("network: a generator of branches per track that join maps has right gradients at order 1 and 2") {
    Workshop shop;
    const Network encoder(shop.builder.within("encoder"), encoder_sources, encoder_plan());
    const Volumes volumes = maps_of(encoder_plan(), encoder_sources);
    REQUIRE(volumes.size() == 2);
    CHECK(volumes.at("4 x 2") == Volume{{4, 2, 1}, 2});
    CHECK(volumes.at("2 x 2") == Volume{{2, 2, 1}, 3});
    const Network generator(shop.builder.within("generator"), generator_sources, generator_plan(), volumes);
    CHECK(generator.output() == Volume{{4, 4, 2}, 1});
    // Both tracks join the same maps, behind the channels of their own.
    for (const char* track : {"bass", "drums"}) {
        const std::string prefix = std::string("net.generator.pitch_time.") + track;
        CHECK(shop.parameter(prefix + ".conv1.weight").shape() == Shape{1, 2, 1, 2, 2 + 3});
    }
    enlarge(shop);
    autograd::check_gradients(
        [&](const std::vector<Variable>& in) {
            const Maps maps = encoder.maps({{"given", in[1]}}, Mode::training);
            return Variable(generator({{"latents", in[0]}}, Mode::training, maps));
        },
        {shop.normal({4, 1, 1, 1, 3}), shop.normal({4, 4, 4, 1, 1})},
        {.order = 2, .tolerance = 1e-6, .step = small_step});
}

TEST_CASE("network: maps are the results of all rows of shared parts, and of two of one name the last part's") {
    const Table first{row("conv1", 2, {2, 1, 1}), row("conv2", 3)}, own{row("conv3", 1)},
        second{row("conv1", 4, {1, 2, 1})};
    const NetworkPlan plan{
        {{"first", {"x"}, false, first}, {"own", {"first"}, true, own}, {"second", {"own", "first"}, false, second}},
        bass_and_drums};
    Workshop shop;
    const Volumes sources{{"x", two_tracks}}, volumes = maps_of(plan, sources);
    const Network network(shop.builder, sources, plan);
    ByHand hand;
    hand.add({"first"}, two_tracks, first);
    for (const auto& track : bass_and_drums) hand.add({"own", track}, {{3, 3, 2}, 3}, own);
    hand.add({"second"}, {{3, 3, 2}, 1 * 2 + 3}, second);
    const Variable x = shop.input({2, 4, 3, 2, 1});
    const Maps maps = network.maps({{"x", x}}, Mode::training);
    REQUIRE(volumes.size() == 2);
    REQUIRE(maps.size() == 2);
    const Variable between = hand(0, x);
    CHECK(values(maps.at("conv2")) == values(between));
    CHECK(values(maps.at("conv1")) ==
          values(hand(3, beside({hand(1, between), hand(2, between), between}, channel_axis))));
    for (const auto& each : volumes) {
        CAPTURE(each.first);
        const auto& [extents, channels] = each.second;
        CHECK(maps.at(each.first).shape() == Shape{2, extents.time, extents.pitch, extents.track, channels});
    }
}

TEST_CASE("network: a batch in parts passes through a single stack of plain layers, and is refused otherwise") {
    const std::array<Batch::Part, 2> parts{{{2, false}, {3, true}}};
    const auto takes = [&](const NetworkPlan& plan, const Volumes& sources) {
        Workshop shop;
        const Network network(shop.builder, sources, plan);
        const auto& [extents, channels] = sources.at("x");
        const Tensor whole = shop.normal({5, extents.time, extents.pitch, extents.track, channels});
        Sources given;
        for (const auto& [name, volume] : sources) given.emplace(name, Batch(whole, parts));
        std::vector<double> second;
        const std::string refusal = support::message_of([&] { second = values(network(given, Mode::training)[1]); });
        if (!network.takes_parts()) {
            CHECK(refusal == "[batch] 2 parts, expected one variable");
            return false;
        }
        CHECK(refusal == "nothing was thrown");
        CHECK(second == run(network, {{"x", Variable(whole.rows(2, 5))}}));
        return true;
    };
    const Volumes x{{"x", two_tracks}};
    const Table plain{row("conv1", 2, {2, 1, 2}), row("conv2", 2)};
    CHECK(takes({{{"", {"x"}, false, plain}}, bass_and_drums}, x));
    CHECK(takes({{{"own", {"x"}, true, {row("conv1", 2, {2, 1, 1})}}}, {"bass"}}, {{"x", {{4, 6, 1}, 1}}}));
    CHECK_FALSE(takes({{{"own", {"x"}, true, {row("conv1", 2)}}}, bass_and_drums}, x));
    CHECK_FALSE(takes({{{"both", {"x", "y"}, false, plain}}, bass_and_drums}, {{"x", two_tracks}, {"y", two_tracks}}));
    CHECK_FALSE(takes({{{"left", {"x"}, false, plain},
                        {"right", {"x"}, false, plain},
                        {"merged", {"left", "right"}, false, {row("conv1", 1)}}},
                       bass_and_drums},
                      x));
    Table normed = plain;
    normed.back().norm = Norm::layer;
    CHECK_FALSE(takes({{{"", {"x"}, false, normed}}, bass_and_drums}, x));
}

namespace {

/// "part 1, row 0, kernel: fact"; "part 1, reads: fact" where the part itself is at fault.
std::string part_error(const NetworkPlan& plan, const Volumes& sources, const Volumes& joined = {}) {
    Workshop shop;
    try {
        const Network network(shop.builder, sources, plan, joined);
    } catch (const PartError& error) {
        CHECK(std::string(error.what()) == "[layers] " + error.fact());
        CHECK(shop.parameters.trainable.empty());  // nothing was made before all was looked at
        const std::string place = error.row() == PartError::no_row ? "" : fmt::format(", row {}", error.row());
        return fmt::format("part {}{}, {}: {}", error.part(), place, error.field(), error.fact());
    }
    return "nothing was thrown";
}

}  // namespace

TEST_CASE("network: a part that does not fit is named by its place, its field, what is there and what was expected") {
    const Volumes x{{"x", two_tracks}};
    const Table rows{row("conv1", 2)};
    const auto of = [&](std::vector<Part> parts) { return part_error({std::move(parts), bass_and_drums}, x); };
    CHECK(of({}) == "part 0, : a network without parts, expected one or more");
    CHECK(of({{"a", {"x"}, false, rows}, {"b", {"a"}, false, {}}}) ==
          "part 1, rows: a part without rows, expected one or more");
    CHECK(of({{"a", {}, false, rows}}) == "part 0, reads: a part that reads nothing, expected one or more names");
    CHECK(of({{"a", {"y"}, false, rows}}) == "part 0, reads: reads 'y', expected one of 'x'");
    // Neither itself nor a later part.
    CHECK(of({{"a", {"x"}, false, rows}, {"b", {"x", "b"}, false, rows}}) ==
          "part 1, reads: reads 'b', expected one of 'x', 'a'");
    CHECK(of({{"a", {"b"}, false, rows}, {"b", {"x"}, false, rows}}) ==
          "part 0, reads: reads 'b', expected one of 'x'");
    CHECK(of({{"a", {"x"}, false, {row("conv1", 2, {2, 1, 1})}}, {"b", {"x", "a"}, false, rows}}) ==
          "part 1, reads: reads 'a' of 3 x 3 x 2 x 2 beside 4 x 3 x 2 x 1, expected equal extents");
    // A part per track reads one track of a source, a shared part all.
    CHECK(of({{"a", {"x"}, true, rows}, {"b", {"a", "x"}, false, rows}}) ==
          "part 1, reads: reads 'x' of 4 x 3 x 2 x 1 beside 4 x 3 x 1 x 4, expected equal extents");
    CHECK(of({{"a", {"x"}, true, rows}, {"b", {"a", "x"}, true, rows}}) == "nothing was thrown");
    CHECK(of({{"a", {"x"}, false, rows}, {"a", {"x"}, false, rows}}) ==
          "part 1, name: a second 'a', expected another name");
    CHECK(of({{"x", {"x"}, false, rows}}) == "part 0, name: a second 'x', expected another name");
    CHECK(of({{"", {"x"}, false, rows}, {"", {""}, false, rows}}) ==
          "part 1, name: a second '', expected another name");
    // Parameters of one name, of parts of other names.
    CHECK(of({{"", {"x"}, true, rows}, {"drums", {""}, false, rows}}) ==
          "part 1, row 0, name: a second 'drums.conv1' with parameters, expected another name");
    CHECK(part_error({{{"a", {"one"}, true, rows}}, bass_and_drums}, {{"one", {{4, 3, 1}, 2}}}) ==
          "part 0, reads: one part per track reads 'one' of 4 x 3 x 1 x 2, expected one with 2 tracks");
}

TEST_CASE("network: a row that does not fit is named by its part, its place in it, its field, and what was expected") {
    const Volumes x{{"x", two_tracks}};
    const Part first{"a", {"x"}, false, {row("conv1", 2)}};
    const auto of = [&](const Table& rows, bool per_track = false) {
        return part_error({{first, {"b", {"a"}, per_track, rows}}, bass_and_drums}, x, {{"map", {{4, 3, 1}, 2}}});
    };
    LayerRow joining = row("conv2", 2), adding = row("conv2", 2, {1, 2, 1});
    joining.joins = "map";
    adding.adds = "input";
    CHECK(of({row("conv1", 2), row("conv2", 1, {9, 1, 1})})
              .starts_with("part 1, row 1, kernel: reads 4 x 3 x 2 x 2: [conv3d"));
    CHECK(of({row("conv1", 2), joining}) ==
          "part 1, row 1, joins: joins 'map' of 4 x 3 x 1 x 2, expected the extents of what it reads, 4 x 3 x 2 x 2");
    CHECK(of({adding}) ==
          "part 1, row 0, adds: adds 'input' of 4 x 3 x 2 x 2, expected what it makes itself, 4 x 2 x 2 x 2");
    CHECK(of({row("conv1", 2), {.name = "conv2", .kind = LayerKind::none}}) ==
          "part 1, row 1, kind: a layer without a product, a norm or an activation, expected one of them");
    // The second of that name is the one too many.
    CHECK(of({row("conv1", 2), row("conv2", 2), row("conv1", 2)}) ==
          "part 1, row 2, name: a second row of that name, expected another");
}
