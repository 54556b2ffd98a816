// One flipped bit in a file of a run, anywhere: refused by whoever reads it. And data that differ in one cell anywhere
// are other data.
#include <doctest/doctest.h>

#include <functional>
#include <map>
#include <random>

#include "io/atomic_file.hpp"
#include "musegan/data/dataset.hpp"
#include "musegan/training/checkpoint.hpp"
#include "musegan/training/run.hpp"
#include "musegan/training/run_figures.hpp"
#include "tensor/error.hpp"
#include "tests/musegan/training/small_run.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace musegan;
using support::contains_all;
using support::message_of;

namespace {

RunOptions options_in(const support::TemporaryFolder& folder) {
    const PackedPhrases song = support::small_song();
    RunOptions options;
    options.data = folder / "data.safetensors";
    write_dataset(options.data, song, std::vector<std::int64_t>(static_cast<std::size_t>(song.count()), 0));
    options.run = folder / "run";
    options.settings = support::small_settings(4);
    options.steps = 1;
    return options;
}

}  // namespace

TEST_CASE("a flipped bit of a model, a state, samples or a dataset is refused, wherever it is") {
    const support::TemporaryFolder folder;
    RunOptions options = options_in(folder);
    run_training(options, {});
    options.resume = true;
    const std::filesystem::path sample = options.run.sample(1, ".safetensors");
    const std::map<std::filesystem::path, std::function<void()>> readers{
        {options.run.model(), [&] { load_model(options.run.model()); }},
        {options.run.state(), [&] { run_training(options, {}); }},
        {sample, [&] { draw_run_figures(options.run); }},
        {options.data, [&] { Dataset::open(options.data); }}};
    std::mt19937 random(16);
    constexpr int flips = 250;
    for (const auto& reader : readers) {
        const std::filesystem::path path = reader.first;
        const std::function<void()>& read = reader.second;
        CAPTURE(path);
        CHECK_NOTHROW(read());
        const std::vector<std::uint8_t> good = io::read_file(path, 1 << 30);
        int refused = 0;
        for (int flip = 0; flip < flips; ++flip) {
            // The front has the settings: as many flips there as in the data.
            const std::size_t range = flip % 2 == 0 ? good.size() : std::min<std::size_t>(good.size(), 4096);
            std::vector<std::uint8_t> bad = good;
            bad[random() % range] ^= static_cast<std::uint8_t>(1u << random() % 8);
            support::write_text(path, std::string(bad.begin(), bad.end()));
            refused += message_of(read).starts_with("[" + path.string() + "]");
        }
        CHECK(refused == flips);
        support::write_text(path, std::string(good.begin(), good.end()));
        CHECK_NOTHROW(read());
    }
}

TEST_CASE("a run resumes with the data that it began with, and data that differ in one cell are others") {
    const support::TemporaryFolder folder;
    RunOptions options = options_in(folder);
    run_training(options, {});
    PackedPhrases phrases = support::small_song();
    const std::vector<std::int64_t> songs(static_cast<std::size_t>(phrases.count()), 0);
    phrases.bits.back() ^= 0x80;
    write_dataset(options.data, phrases, songs);
    options.resume = true;
    CHECK(contains_all(message_of([&] { run_training(options, {}); }), {"the run began with other data", "of all"}));
    phrases.bits.back() ^= 0x80;
    write_dataset(options.data, phrases, songs);
    CHECK_NOTHROW(run_training(options, {}));
}

TEST_CASE("a run of a version that looked at 256 phrases alone goes on with its data, and so does its fingerprint") {
    const support::TemporaryFolder folder;
    RunOptions options = options_in(folder);
    run_training(options, {});
    const PackedPhrases phrases = support::small_song();
    REQUIRE(phrases.count() <= 256);  // it looked at all of these
    const std::string of_all = data_fingerprint(Dataset::open(options.data)),
                      sampled = of_all.substr(0, of_all.find(" of all"));
    REQUIRE(sampled.size() < of_all.size());
    const auto state_with = [&](const std::string& data) {
        const io::SafetensorsFile file = io::SafetensorsFile::open(options.run.state());
        io::SafetensorsWriter writer;
        for (const auto& [key, value] : file.metadata()) writer.metadata(key, key == "data" ? data : value);
        for (const io::SafetensorsEntry& entry : file.entries())
            writer.add_bytes(entry.name, entry.dtype, entry.shape, entry.bytes);
        writer.write(options.run.state());
    };
    state_with(sampled);
    options.resume = true;
    options.steps = 2;
    CHECK_NOTHROW(run_training(options, {}));
    CHECK(io::SafetensorsFile::open(options.run.state()).metadata("data") == sampled);
    state_with("7 phrases, crc32c 00000000");
    CHECK(contains_all(message_of([&] { run_training(options, {}); }), {"the run began with other data (7 phrases"}));
}
