// The file format of presets: each struct names its fields once, and reading (preset_reader.cpp) and writing
// (preset_writer.cpp) follow from that. These two alone include this.
#pragma once

#include <concepts>
#include <type_traits>

#include "musegan/networks/preset.hpp"

namespace musegan::preset_detail {

constexpr std::int64_t most_extent = 4096, most_channels = 16384;

template <typename Type, typename Struct>
concept MaybeConst = std::same_as<std::remove_const_t<Type>, Struct>;

// Calls visit(key, field) for each field, in the order in which they are written; of sizes with the most that is
// allowed.

template <MaybeConst<PresetRow> Row, typename Visit>
void visit_fields(Row& row, Visit& visit) {
    visit("name", row.name);
    visit("kind", row.kind);
    visit("channels", row.channels, most_channels);
    visit("kernel", row.kernel, most_extent);
    visit("stride", row.stride, most_extent);
    visit("dilation", row.dilation, most_extent);
    visit("padding", row.padding);
    visit("result", row.result, most_extent);
    visit("bias_per_track", row.bias_per_track);
    visit("norm", row.norm);
    visit("activation", row.activation);
    visit("slope", row.slope);
    visit("joins", row.joins);
    visit("adds", row.adds);
    visit("map", row.map);
    visit("grids", row.grids);
}

template <MaybeConst<PresetPart> Part, typename Visit>
void visit_fields(Part& part, Visit& visit) {
    visit("name", part.name);
    visit("per_track", part.per_track);
    visit("reads", part.reads);
    visit("rows", part.rows);
}

template <MaybeConst<Preset> Whole, typename Visit>
void visit_fields(Whole& preset, Visit& visit) {
    visit("name", preset.name);
    visit("about", preset.about);
    visit("makes", preset.makes);
    visit("grids", preset.grids);
    visit("settings", preset.settings);
    visit("temporal", preset.temporal);
    visit("generator", preset.generator);
    visit("encoder", preset.encoder);
    visit("refiner", preset.refiner);
    visit("critic", preset.critic);
}

}  // namespace musegan::preset_detail
