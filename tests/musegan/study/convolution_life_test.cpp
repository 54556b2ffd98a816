// The page autograd/course/convolution.md: what its blocks show is what this program prints.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "autograd/elementwise.hpp"
#include "autograd/grad.hpp"
#include "autograd/norm.hpp"
#include "io/midi.hpp"
#include "layers/adam.hpp"
#include "musegan/data/dataset.hpp"
#include "musegan/networks/streams.hpp"
#include "musegan/phrase/midi_roll.hpp"
#include "musegan/training/wgan_gp.hpp"
#include "tensor/conv3d_plan.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/execution.hpp"
#include "tensor/fusion.hpp"
#include "tensor/packed_bits.hpp"
#include "tests/autograd/graphs.hpp"
#include "tests/io/midi_bytes.hpp"
#include "tests/support/lines.hpp"
#include "tests/support/page_blocks.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/update_cases.hpp"

using autograd::grad;
using musegan::Critic;
using musegan::CriticBatch;
using musegan::Variable;
using tensor::Fusion;
using tensor::Tensor;

namespace {

constexpr int piano = 3;

/// Middle C for a quarter note on channel 0, in the first bar and in the fourth.
support::Bytes midi_bytes() {
    return support::one_track({0x00, 0x90, 0x3C, 0x64, 0x60, 0x80, 0x3C, 0x40,  //
                               0x88, 0x20, 0x90, 0x3C, 0x64, 0x60, 0x80, 0x3C, 0x40});
}

/// The first four bars of the file, through the dataset file, as two rows of a batch.
Tensor real_phrases() {
    const support::TemporaryFolder folder;
    const musegan::PianoRoll roll = musegan::roll_from_midi(io::parse_midi(midi_bytes(), "life.mid")).roll;
    musegan::PackedPhrases phrases;
    phrases.append(roll.phrase_bits(0));
    musegan::write_dataset(folder / "life.safetensors", phrases, std::vector<std::int64_t>{0});
    const musegan::Dataset dataset = musegan::Dataset::open(folder / "life.safetensors");
    const musegan::PhraseShape& shape = dataset.shape();
    const Tensor packed = Tensor::from(dataset.phrases().bits(), {dataset.count(), shape.bytes()});
    return tensor::unpack_rows(packed, std::vector<std::int64_t>{0, 0},
                               {2, shape.steps(), shape.pitches, shape.tracks, 1});
}

/// The page's critic: the paper's, of the composer model, a 32nd as wide, from seed 1.
Critic make_critic() {
    musegan::ModelConfig config;
    config.width = 1.0 / 32;
    tensor::RandomStream stream = musegan::stream_for(1, musegan::Stream::weights);
    return musegan::make_critics(config, stream).front();
}

/// Silence stands in for what a generator makes.
CriticBatch make_batch() {
    const Tensor real = real_phrases();
    return {real, Tensor::full(real.shape(), -1.0), Tensor::from(std::vector<float>{0.25F, 0.75F}, {2})};
}

/// One update's penalty, with every step on the tape.
struct Life {
    Critic critic;
    CriticBatch batch;
    Variable between, score, gradient, penalty;
    std::vector<std::optional<Variable>> by_weights;

    explicit Life(Fusion fusion) : critic(make_critic()), batch(make_batch()) {
        const tensor::ExecutionScope execution({.fusion = fusion});
        between = Variable(batch.interpolated(), true);
        score = autograd::sum(critic(between));
        gradient = grad(score, between, {.create_graph = true});
        penalty = musegan::gradient_penalty(autograd::norm(gradient, musegan::slope_epsilon), {});
        const std::vector<Variable> weights = critic.parameters().variables();
        by_weights = grad(std::span(&penalty, 1), weights, {}, {.create_graph = true});
    }

    const Variable& first() const { return critic.parameters().trainable.front().variable; }
    std::string graph(const Variable& v) const { return support::graph_from(first(), v); }
};

int id_of(const std::string& line) { return std::stoi(line.substr(1)); }

/// Whether the page shows a line: those of the first two convolutions, the first one's parameters, x^, and what is of
/// no layer.
bool is_shown(const std::string& line, int between) {
    if (line.find(" leaf ") != std::string::npos) return id_of(line) <= 2 || id_of(line) == between;
    const std::size_t layer = line.find("  ");
    return layer == std::string::npos || line.find("conv1", layer) != std::string::npos ||
           line.find("conv2", layer) != std::string::npos;
}

/// Lines of graphs, newest first, without those of `earlier`; "..." for what the page leaves out.
std::string tape(const Life& life, const std::vector<Variable>& of, const std::string& earlier = "") {
    const std::vector<std::string> known = support::lines_of(earlier);
    const auto newer = [](const std::string& a, const std::string& b) { return id_of(a) > id_of(b); };
    std::set<std::string, decltype(newer)> lines(newer);
    for (const Variable& each : of)
        for (const std::string& line : support::lines_of(life.graph(each)))
            if (std::find(known.begin(), known.end(), line) == known.end()) lines.insert(line);
    std::string text;
    bool skips = false;
    const int between = static_cast<int>(life.between.node()->id - life.first().node()->id + 1);
    for (const std::string& line : lines) {
        if (is_shown(line, between)) text += line + "\n";
        else if (!skips) text += "...\n";
        skips = !is_shown(line, between);
    }
    return text;
}

std::vector<Variable> weight_gradients(const Life& life) {
    std::vector<Variable> found;
    for (const auto& each : life.by_weights)
        if (each) found.push_back(*each);
    return found;
}

std::string note_block() {
    const support::Bytes bytes = midi_bytes();
    const io::MidiFile midi = io::parse_midi(bytes, "life.mid");
    const io::MidiNote& note = midi.notes.front();
    const auto status = static_cast<std::size_t>(std::find(bytes.begin(), bytes.end(), 0x90) - bytes.begin());
    std::string text = fmt::format("file   byte {}: {:02X} {:02X} {:02X}\n", status, bytes[status], bytes[status + 1],
                                   bytes[status + 2]);
    text += fmt::format("note   channel {}, pitch {}, velocity {}, ticks {} to {} of {} per quarter\n", note.channel,
                        note.pitch, note.velocity, note.onset, note.offset, midi.ticks_per_quarter);
    const musegan::PianoRoll roll = musegan::roll_from_midi(midi).roll;
    musegan::for_each_note(roll.shape(), roll.phrase_bits(0), [&](const musegan::Run& run) {
        text +=
            fmt::format("cells  steps {} to {}, pitch {}, track {}\n", run.begin, run.end - 1, run.pitch, run.track);
    });
    const auto bits = roll.phrase_bits(0);
    std::size_t byte = 0;
    while (bits[byte] == 0) ++byte;
    text += fmt::format("bits   byte {} of {}: {:08b}\n", byte, bits.size(), bits[byte]);
    const CriticBatch batch = make_batch();
    const std::int64_t cell = musegan::paper_shape.tracks * (note.pitch - musegan::paper_shape.lowest_pitch) + piano;
    const auto at = [&](const Tensor& t) { return t.values<float>()[static_cast<std::size_t>(cell)]; };
    return text +
           fmt::format("batch  {} {}, cell {}: {}\n", batch.real.shape().to_string(), name_of(batch.real.dtype()), cell,
                       at(batch.real)) +
           fmt::format("x^     {} + {} ({} - {}) = {}\n", at(batch.real), batch.alpha.values<float>()[0],
                       at(batch.fake), at(batch.real), at(batch.interpolated()));
}

std::string plan_block(const Critic& critic) {
    const auto plan = tensor::kept_conv3d_plan(critic.convolutions().front(), 1);
    std::string text;
    for (const tensor::GemmRun& run : plan->runs)
        text += fmt::format("x from {}, w from {}, y from {}: {} rows, steps {} and {}, inner {}\n", run.x_offset,
                            run.w_offset, run.y_offset, run.rows, run.x_step, run.y_step, run.inner);
    return text;
}

/// Every operator of a whole critic update that runs in the layer's name.
std::string calls_block(const Life& life) {
    std::string text;
    for (const support::UpdateCase& each : support::calls_of(
             [&] { musegan::critic_gradients(life.critic, life.batch, {}, musegan::CriticPasses::preferred); }))
        if (each.layer == "critic.conv1")
            text += fmt::format("{}: {} {} -> {}\n", each.phase, each.call.operation,
                                support::to_string(each.call.operands), support::to_string(each.call.results));
    return text;
}

/// What only the pair has: the lines of the score and of its gradient that name both layers.
std::string pair_block(const Life& life) {
    std::string text;
    for (const Variable& each : {life.gradient, life.score})
        for (const std::string& line : support::lines_of(life.graph(each)))
            if (line.find("conv1+conv2") != std::string::npos) text += line + "\n";
    return text;
}

const char* const page = "autograd/course/convolution.md";

}  // namespace

TEST_CASE("a convolution's life: every block of the page is what the program prints") {
    const Life plain(Fusion::automatic), pair(Fusion::always);
    const std::map<std::string, std::string> printed{
        {"note", note_block()},
        {"plan", plan_block(plain.critic)},
        {"score", tape(plain, {plain.score})},
        {"gradient", tape(plain, {plain.gradient})},
        {"penalty", tape(plain, {plain.penalty}, plain.graph(plain.gradient))},
        {"second", tape(plain, weight_gradients(plain), plain.graph(plain.penalty))},
        {"calls", calls_block(plain)},
        {"pair", pair_block(pair)}};
    const std::map<std::string, std::string> shown = support::named_blocks(page);
    for (const auto& block : printed) {
        CAPTURE(block.first);
        CHECK((shown.contains(block.first) ? shown.at(block.first) : "no such block on the page") == block.second);
    }
    CHECK(shown.size() == printed.size());
}

TEST_CASE("a convolution's life: the penalty gives its weights a gradient, and its bias none") {
    const Life life(Fusion::automatic);
    const auto& parameters = life.critic.parameters().trainable;
    REQUIRE(parameters[0].name == "critic.conv1.weight");
    for (std::size_t i = 0; i < parameters.size(); ++i) CHECK(life.by_weights[i].has_value() == (i % 2 == 0));
    // What the update hands to Adam is the sum of what the scores and the penalty send, bit for bit.
    const std::vector<Variable> leaves = life.critic.parameters().variables();
    const Variable fake = autograd::mean(life.critic(Variable(life.batch.fake))),
                   real = autograd::negate(autograd::mean(life.critic(Variable(life.batch.real))));
    const auto by_fake = grad(std::span(&fake, 1), leaves), by_real = grad(std::span(&real, 1), leaves);
    const musegan::CriticGradients update = musegan::critic_gradients(life.critic, life.batch);
    for (std::size_t i = 0; i < 2; ++i) {
        Tensor sum = tensor::add(by_fake[i]->value(), by_real[i]->value());
        if (life.by_weights[i]) sum = tensor::add(sum, life.by_weights[i]->value());
        CHECK(sum.values<float>() == update.gradients[i].values<float>());
    }
    const std::vector<float> before = leaves[0].value().values<float>();
    layers::Adam adam(life.critic.parameters(), {});
    adam.step(update.gradients);
    CHECK(leaves[0].value().values<float>() != before);
}

TEST_CASE("a convolution's life: on a CPU the first two layers run one by one, and as a pair where one asks for it") {
    const Life plain(Fusion::automatic), off(Fusion::off), pair(Fusion::always);
    CHECK(plain.graph(plain.penalty) == off.graph(off.penalty));
    CHECK(pair_block(plain).empty());
    CHECK(pair_block(pair).find("conv3d_pair_input_gradient") != std::string::npos);
    // Masks are bits from 16 MiB on: of the paper's first layer at full width from two phrases on.
    const auto keeps = [](std::int64_t phrases, std::int64_t channels) {
        return tensor::keeps_mask_as_bits({phrases, 288, 84, 1, channels}, tensor::DType::f32);
    };
    CHECK(!keeps(2, 4));
    CHECK(!keeps(1, 128));
    CHECK(keeps(2, 128));
}
