#include "musegan/study/profile_figures.hpp"

#include <fmt/format.h>

#include "musegan/figures/flame.hpp"
#include "musegan/figures/palette.hpp"
#include "musegan/figures/roofline.hpp"
#include "musegan/study/profile_stacks.hpp"
#include "musegan/training/phases.hpp"

namespace musegan {

namespace {

/// The rows joined by layer and operator.
std::vector<ProfileRow> by_layer_and_operation(const Profile& profile) {
    std::vector<ProfileRow> rows = profile.rows;
    for (ProfileRow& row : rows) row.words = {.layer = row.words.layer, .operation = row.words.operation};
    return group_rows(rows, ProfileGrouping::all);
}

/// What belongs together looks alike: the penalty in reds, forward passes pale and backward passes dark, the critic's
/// blue and the generator's green, and grey what is neither.
Color color_of(std::string_view phase) {
    if (phase == phases::forward_interpolated) return palette[8];
    if (phase == phases::penalty_slopes) return palette[0];
    if (phase == phases::penalty_backward) return palette[5];
    if (phase.starts_with("critic forward")) return palette[4];
    if (phase.starts_with("critic backward")) return palette[1];
    if (phase == phases::generator_forward) return palette[6];
    if (phase == phases::generator_backward) return palette[3];
    return other_color;
}

}  // namespace

Picture roofline_figure(const Profile& profile) {
    const double busy = profile.busy();
    Roofline roofline{
        .title = "How near the work comes to what the device can do",
        .ceilings = {},
        .slopes = {{"copies in memory", profile.roofs.copy_gb_s}},
        .dots = {},
        .caption = fmt::format("Each dot is an operator in a layer, over a critic and a generator update of "
                               "{} phrases each; its area is its share of their time. {}.",
                               profile.batch, profile.machine)};
    for (const tensor::Precision each : tensor::every_precision)
        roofline.ceilings.push_back({fmt::format("{} products", name_of(each)), profile.roofs.measured_gflops(each)});
    if (!profile.roofs.caches.empty())
        roofline.slopes.push_back({"copies in a cache", profile.roofs.caches.front().gb_s});
    for (const ProfileRow& row : by_layer_and_operation(profile))
        roofline.dots.push_back({.name = row.words.layer.empty() ? row.words.operation : row.words.layer,
                                 .group = row.words.operation,
                                 .intensity = row.intensity(),
                                 .gflops = row.gflops(),
                                 .share = busy > 0 ? row.milliseconds() / busy : 0});
    return roofline_picture(roofline);
}

Picture flame_figure(const Profile& profile) {
    Flame flame{.title = "Where the time of a critic and a generator update goes",
                .root = "critic and generator update",
                .stacks = {}};
    for (const ProfileRow* row : rows_as_run(profile)) {
        // A phase there must be, since it gives the colour.
        ProfileWords words = row->words;
        if (words.update.empty()) words.update = "other";
        if (words.phase.empty()) words.phase = "outside phases";
        flame.colors.emplace_back(words.phase, color_of(words.phase));
        flame.stacks.push_back({parts_of(words), row->milliseconds()});
    }
    return flame_picture(flame);
}

}  // namespace musegan
