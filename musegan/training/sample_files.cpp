#include "musegan/training/sample_files.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "io/safetensors.hpp"
#include "io/settings.hpp"
#include "tensor/error.hpp"

namespace musegan {

std::vector<SampleFile> sample_files(const RunFolder& run) {
    std::vector<SampleFile> files;
    for (const std::filesystem::path& path : run.packed_samples()) files.push_back({*step_of_sample(path), path});
    return files;
}

Sample read_sample(const std::filesystem::path& path) {
    const io::SafetensorsFile file = io::SafetensorsFile::open(path);
    const std::string& text = file.metadata("step");
    const std::optional<std::int64_t> step = io::parse_number<std::int64_t>(text);
    if (!step || *step < 0) tensor::fail(file.name(), "step '{}', expected a number", text);
    PhraseShape shape = paper_shape;
    settings_of(shape).may_be_missing().from_metadata(file.metadata(), file.name());
    shape.validate(file.name());
    const io::SafetensorsEntry& phrases = file.at("phrases");
    if (phrases.bytes.empty() || static_cast<std::int64_t>(phrases.bytes.size()) % shape.bytes() != 0)
        tensor::fail(file.name(), "{} bytes of phrases, expected one or more phrases of {} ({})", phrases.bytes.size(),
                     shape.bytes(), shape.to_string());
    return {*step, {shape, {phrases.bytes.begin(), phrases.bytes.end()}}};
}

std::vector<std::size_t> nearest_places(std::span<const std::int64_t> steps, std::span<const std::int64_t> wanted) {
    std::set<std::size_t> places;
    for (const std::int64_t step : wanted) {
        const auto above = std::ranges::lower_bound(steps, step);
        if (above == steps.begin() && above == steps.end()) break;
        const bool is_above = above == steps.begin() || (above != steps.end() && *above - step < step - *(above - 1));
        places.insert(static_cast<std::size_t>(above - steps.begin()) - (is_above ? 0 : 1));
    }
    return {places.begin(), places.end()};
}

std::vector<std::size_t> spread_places(std::size_t count, std::size_t most) {
    std::vector<std::size_t> chosen;
    for (std::size_t i = 0; i < std::min(count, most); ++i) {
        const double share = count <= most ? 0 : static_cast<double>(i) / static_cast<double>(most - 1);
        const std::size_t place =
            count <= most ? i : static_cast<std::size_t>(share * share * static_cast<double>(count - 1) + 0.5);
        if (chosen.empty() || place > chosen.back()) chosen.push_back(place);
    }
    return chosen;
}

std::vector<std::size_t> stage_places(std::span<const std::int64_t> steps) {
    constexpr std::size_t fewest = 4;
    std::vector<std::size_t> places = nearest_places(steps, paper_steps);
    return places.size() < fewest ? spread_places(steps.size(), paper_steps.size()) : places;
}

}  // namespace musegan
