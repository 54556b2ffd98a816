#include "musegan/data/songs_dataset.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "musegan/data/synth.hpp"
#include "tensor/error.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace musegan;

namespace {

/// Folders of ours that stand where the system keeps temporary files.
std::ptrdiff_t left_behind() {
    std::ptrdiff_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::temp_directory_path()))
        count += entry.path().filename().string().starts_with("musegan-songs-");
    return count;
}

}  // namespace

TEST_CASE("songs dataset: the phrases are those that prepare writes, and no file is left") {
    const support::TemporaryFolder folder;
    write_songs(folder / "songs", 5, 3);
    PrepareOptions options;
    options.inputs = {folder / "songs"};
    options.out = folder / "data.safetensors";
    options.filter.min_tracks = 4;
    const PrepareSummary summary = prepare(options);
    const Dataset kept = Dataset::open(options.out);

    const std::ptrdiff_t before = left_behind();
    options.out = "looked/at/by/nobody";
    const SongsDataset songs = dataset_of_songs(options);
    CHECK(left_behind() == before);
    REQUIRE(songs.dataset.count() == kept.count());
    CHECK(std::ranges::equal(songs.dataset.phrases().bits(), kept.phrases().bits()));
    for (std::int64_t k = 0; k < kept.count(); ++k) CHECK(songs.dataset.song(k) == kept.song(k));
    CHECK(songs.summary.phrases == summary.phrases);
    CHECK(songs.summary.outcomes == summary.outcomes);
}

TEST_CASE("songs dataset: a folder without songs is refused, and leaves nothing") {
    const support::TemporaryFolder folder;
    PrepareOptions options;
    options.inputs = {folder.path()};
    const std::ptrdiff_t before = left_behind();
    CHECK_THROWS_AS(dataset_of_songs(options), tensor::Error);
    CHECK(left_behind() == before);
}
