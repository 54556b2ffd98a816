#include "musegan/music/interpolate.hpp"

#include "tensor/error.hpp"

namespace musegan {

namespace {

/// Where a phrase lies: s along a row, t along a line or down a column, each from 0 to 1.
struct Place {
    double s, t;
    std::int64_t row, column;
};

Place place_of(const InterpolateOptions& options, std::int64_t k) {
    const auto share = [&](std::int64_t index) {
        return static_cast<double>(index) / static_cast<double>(options.steps - 1);
    };
    if (!options.grid) return {0, share(k), 0, k};
    const std::int64_t row = k / options.steps, column = k % options.steps;
    return {share(column), share(row), row, column};
}

}  // namespace

void InterpolateOptions::validate() const {
    io::validate(*this, "interpolate");
    constexpr std::int64_t most = 8;
    static_assert(most * most == most_in_picture);
    if (grid && steps > most)
        tensor::fail("interpolate", "a grid of {} x {} phrases, expected at most {} x {}", steps, steps, most, most);
}

io::SettingList settings_of(InterpolateOptions& options) {
    io::SettingList list;
    list.number<std::int64_t>("steps", options.steps, {2, most_in_song}, "How many phrases, both ends included");
    list.yes_or_no("grid", options.grid, "A square of so many by so many phrases between four points");
    list.choice("way", options.way, "linear: (1 - t) a + t b; spherical: turning from a to b, vector by vector");
    list.include(settings_of(options.sampling));
    return list;
}

PackedPhrases interpolate(const Model& model, const InterpolateOptions& options, std::optional<PhraseView> given) {
    options.validate();
    const tensor::ExecutionScope execution(options.sampling.execution);
    std::array<Latents, 4> points;
    for (std::size_t k = 0; k < points.size(); ++k)
        points[k] = draw_latents(model, options.sampling, static_cast<std::int64_t>(k));
    const Tensor track = draw_given_track(model, given, options.sampling, 0);
    PackedPhrases phrases{model.config().shape};
    for (std::int64_t k = 0; k < options.phrases(); ++k) {
        const Place place = place_of(options, k);
        const Latents latents = options.grid ? between(points, place.s, place.t, options.way)
                                             : between(points[0], points[1], place.t, options.way);
        phrases.append(decode(model, latents, track, options.sampling, 0).bits);
        if (options.progress) options.progress(k + 1);
    }
    return phrases;
}

PhraseSheet sheet_of(const InterpolateOptions& options) {
    PhraseSheet sheet;
    if (options.grid) sheet.columns = static_cast<int>(options.steps);
    for (std::int64_t k = 0; k < options.phrases(); ++k) {
        const Place place = place_of(options, k);
        sheet.names.push_back(options.grid ? fmt::format("point_{}_{}", place.row + 1, place.column + 1)
                                           : fmt::format("point_{:03}", k + 1));
        sheet.captions.push_back(options.grid ? fmt::format("s = {:.3g}, t = {:.3g}", place.s, place.t)
                                              : fmt::format("t = {:.3g}", place.t));
    }
    return sheet;
}

}  // namespace musegan
