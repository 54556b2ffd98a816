// What updates of a training run cost, part by part: the value behind every table, picture and file of
// `musegan profile`.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "musegan/study/update_times.hpp"
#include "tensor/launch_facts.hpp"
#include "tensor/roofs.hpp"

namespace musegan {

/// The words by which work is told apart. A row of a table has those that its grouping keeps; the others are "".
struct ProfileWords {
    std::string update{};     ///< "critic" or "generator"
    std::string phase{};      ///< "critic forward, real"
    std::string layer{};      ///< "critic.conv1"; "" between layers
    std::string operation{};  ///< "conv3d_input_gradient"
    std::string kernel{};     ///< of a GPU; on a CPU the operation again

    bool operator==(const ProfileWords&) const = default;
    auto operator<=>(const ProfileWords&) const = default;
};

/// One kernel of a GPU, or one operator of the CPU, run once.
struct ProfileSpan {
    ProfileWords words;
    double start = 0;         ///< milliseconds since the round began
    double milliseconds = 0;  ///< its own, without those of operators in it
    double flops = 0, bytes = 0;
    std::optional<tensor::LaunchFacts> launch{};
    std::vector<double> threads{};  ///< milliseconds that each thread of a processor ran, where that was asked for
};

/// What runs of the same words have in common. A round is one critic update and one generator update; calls, flops and
/// bytes are those of one round, which are the same in each.
struct ProfileRow {
    ProfileWords words;
    std::int64_t calls = 0;
    double flops = 0, bytes = 0;
    std::vector<double> rounds{};   ///< milliseconds of all its calls, round by round
    double least = 0, most = 0;     ///< milliseconds of one call, over all rounds
    std::vector<double> threads{};  ///< milliseconds that each thread of a processor ran per round, on average
    /// Of its longest call, where a GPU says so.
    std::optional<tensor::LaunchFacts> launch{};

    /// Of a round: the median over the rounds.
    double milliseconds() const;
    /// Of a call: milliseconds() / calls.
    double mean() const;
    double gflops() const;  ///< achieved GFLOP/s; 0 without arithmetic
    double gb_s() const;    ///< achieved GB/s
    /// Threads that ran at a time, on average: the sum of `threads` over the mean time; 0 where it is not known.
    double busy_threads() const;
    double intensity() const { return bytes > 0 ? flops / bytes : 0; }  ///< FLOP per byte
};

/// What work cannot be faster than: its arithmetic at the measured rate of products, its bytes at the measured rate of
/// copies of that size, or the start of its calls, each as if the others cost nothing.
enum class Bound { arithmetic, memory, launch };
constexpr const char* name_of(Bound bound) {
    return bound == Bound::arithmetic ? "arithmetic" : bound == Bound::memory ? "memory" : "launch";
}
struct Floor {
    double milliseconds = 0;
    Bound bound = Bound::memory;
};

/// Bytes of tensors at the moment when they were most, by what they are for.
struct MemoryUse {
    std::int64_t weights = 0, moments = 0, data = 0, activations = 0, masks = 0, workspace = 0;
    std::int64_t total() const { return weights + moments + data + activations + masks + workspace; }
};

struct Profile {
    std::string machine;    ///< the device in words: "Intel Xeon, 2 threads, 23.5 GiB"
    std::string device;     ///< "cpu" or "cuda:0"
    std::string precision;  ///< of products: "f32", "tf32" or "bf16"
    std::string clock;      ///< what measured the rows: "CPU clock", "CUDA events" or "CUPTI"
    std::string note;       ///< why it is no better clock; may be ""
    int threads = 1;
    /// What was computed and how, as names and values of settings. Profiles of different work cannot be compared; how
    /// it is done (precision, fusion, passes) may differ.
    std::vector<std::pair<std::string, std::string>> work, how;
    /// FLOPs of the critics' forward pass F on one batch: an update is 10 F under a penalty, 6 F without.
    double forward_flops = 0;
    bool has_penalty = true;
    std::int64_t batch = 0;         ///< phrases per update
    std::int64_t critic_steps = 5;  ///< critic updates per generator update in training
    tensor::Roofs roofs;
    /// Milliseconds of whole updates by the wall clock while nobody observed, one per round: what a training pays
    /// (UpdateTimes::queued).
    std::vector<double> critic_ms, generator_ms;
    /// From an idle device to an idle device, while the rows were measured.
    std::vector<double> observed_critic_ms, observed_generator_ms;
    /// Updates by themselves while nobody observed, one per round; empty in files from before this was measured.
    AloneTimes critic_alone{}, generator_alone{};
    /// Share of the queues of unobserved updates, from their first launch to their last, in which the device did
    /// nothing; known where a GPU's own trace is.
    std::optional<double> idle_share{};
    /// By all five words, sorted by descending time.
    std::vector<ProfileRow> rows{};
    /// Every run of the last round in the order of its start: of the critic update, then of the generator update.
    std::vector<ProfileSpan> timeline{};
    MemoryUse memory{};

    /// Milliseconds of the rows in a round: what ran, without gaps. The sum of the rows' medians, of which each is a
    /// share.
    double busy() const;
    /// The sum of the rows in each round by itself.
    std::vector<double> busy_rounds() const;
    /// The rate against which products are counted: that of the profile's precision.
    double product_gflops() const;
    Floor floor_of(const ProfileRow& row) const;
    /// Share of its floor: 1 is as fast as its bound allows.
    double share_of_bound(const ProfileRow& row) const;
};

/// What a table tells apart.
enum class ProfileGrouping { kernel, operation, layer, phase, all };
constexpr auto enum_names(ProfileGrouping) { return std::array{"kernel", "operator", "layer", "phase", "all"}; }

/// By descending time, then by words.
void sort_rows(std::vector<ProfileRow>& rows);
/// The rows joined by a grouping's words, sorted. By phase the two updates are told apart; by kernel, operator and
/// layer all phases of both are one.
std::vector<ProfileRow> group_rows(const std::vector<ProfileRow>& rows, ProfileGrouping grouping);
inline std::vector<ProfileRow> group_rows(const Profile& profile, ProfileGrouping grouping) {
    return group_rows(profile.rows, grouping);
}
/// The rows of rounds that did the same work, by all words, sorted.
std::vector<ProfileRow> rows_of(const std::vector<std::vector<ProfileSpan>>& rounds);

}  // namespace musegan
