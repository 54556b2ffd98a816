// The samples of a run read back: the same random vectors, decoded along training.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "musegan/phrase/packing.hpp"
#include "musegan/training/run_folder.hpp"

namespace musegan {

/// Where packed samples are, and of which step their name says that they are.
struct SampleFile {
    std::int64_t step = 0;
    std::filesystem::path path{};
    bool operator==(const SampleFile&) const = default;
};
/// Those of a run, in the order of their steps; none is opened. Throws Error for a folder that cannot be listed.
std::vector<SampleFile> sample_files(const RunFolder& run);

/// What one of them holds.
struct Sample {
    std::int64_t step = 0;
    PackedPhrases phrases{};  ///< at least one
};
/// Throws Error for a file that is damaged or none of ours. Files of older versions, which do not say their shape, are
/// of the paper's.
Sample read_sample(const std::filesystem::path& path);

/// The steps at which AAAI 2018, figure 7, shows its models.
inline constexpr std::array<std::int64_t, 5> paper_steps{0, 700, 2500, 6000, 7900};

/// The place in `steps`, which rise, of the one nearest to each of `wanted` (of two that are as near, the earlier): in
/// rising order, each once. None where there are no steps.
std::vector<std::size_t> nearest_places(std::span<const std::int64_t> steps, std::span<const std::int64_t> wanted);

/// At most `most` of `count` places, the first and the last among them, denser at the start, where most changes.
std::vector<std::size_t> spread_places(std::size_t count, std::size_t most);

/// The stages of a run to look at, as places in its steps: those nearest to paper_steps; or, where these are fewer
/// than four, because the run was a short one, as many as paper_steps spread over all.
std::vector<std::size_t> stage_places(std::span<const std::int64_t> steps);

}  // namespace musegan
