// A network is its stacks, wired as its plan says: the same bits as stacks that are composed by hand.
#include "layers/network.hpp"

#include <doctest/doctest.h>

#include "autograd/rearrange.hpp"
#include "tensor/elementwise.hpp"
#include "tests/layers/small_network.hpp"
#include "tests/layers/workshop.hpp"
#include "tests/support/compare.hpp"

using namespace layers;
using support::bass_and_drums;
using support::row;
using support::two_tracks;
using support::Workshop;

namespace {

constexpr int track_axis = 3, channel_axis = 4;

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
