#include "musegan/training/sample_files.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "io/safetensors.hpp"
#include "io/settings.hpp"
#include "tensor/error.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace musegan;

namespace {

using Places = std::vector<std::size_t>;
using Steps = std::vector<std::int64_t>;

/// A file of `bytes` as one of samples; without a shape for none.
void write_sample(const std::filesystem::path& path, const std::string& step, std::vector<std::uint8_t> bytes,
                  const PhraseShape* shape) {
    std::filesystem::create_directories(path.parent_path());
    io::SafetensorsWriter writer;
    writer.metadata("step", step);
    PhraseShape said = shape ? *shape : paper_shape;
    if (shape)
        for (const auto& [key, value] : settings_of(said).to_metadata()) writer.metadata(key, value);
    const auto size = static_cast<std::int64_t>(bytes.size());
    writer.add_bytes("phrases", "U8", {1, size}, std::move(bytes));
    writer.write(path);
}

std::vector<std::uint8_t> bytes_of(std::int64_t count) {
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(count));
    for (std::size_t k = 0; k < bytes.size(); ++k) bytes[k] = static_cast<std::uint8_t>(k * 7);
    return bytes;
}

}  // namespace

TEST_CASE("sample files: they are found in the order of their steps, and read with the shape that they say") {
    const support::TemporaryFolder folder;
    const RunFolder run(folder / "run");
    CHECK(sample_files(run).empty());
    const PhraseShape coarse = paper_shape.on_grid(4);
    write_sample(run.sample(1'000'000, ".safetensors"), "1000000", bytes_of(2 * coarse.bytes()), &coarse);
    write_sample(run.sample(20, ".safetensors"), "20", bytes_of(paper_shape.bytes()), nullptr);
    support::write_text(run.samples() / "step_x.safetensors", "x");
    const std::vector<SampleFile> files = sample_files(run);
    CHECK(files == std::vector<SampleFile>{{20, run.sample(20, ".safetensors")},
                                           {1'000'000, run.sample(1'000'000, ".safetensors")}});
    const Sample old = read_sample(files[0].path), last = read_sample(files[1].path);
    CHECK(old.step == 20);
    CHECK(old.phrases == PackedPhrases{paper_shape, bytes_of(paper_shape.bytes())});
    CHECK(last.step == 1'000'000);
    CHECK(last.phrases == PackedPhrases{coarse, bytes_of(2 * coarse.bytes())});
}

TEST_CASE("sample files: what is damaged is refused") {
    const support::TemporaryFolder folder;
    const RunFolder run(folder / "run");
    const std::filesystem::path path = run.sample(3, ".safetensors");
    const auto fault = [&] { return support::message_of([&] { read_sample(path); }); };
    write_sample(path, "3", bytes_of(paper_shape.bytes() - 1), &paper_shape);
    CHECK(support::contains_all(fault(), {path.string(), "20159 bytes of phrases, expected one or more phrases"}));
    write_sample(path, "3", {}, &paper_shape);
    CHECK(support::contains_all(fault(), {"0 bytes of phrases"}));
    for (const char* step : {"three", "-1", ""}) {
        write_sample(path, step, bytes_of(paper_shape.bytes()), &paper_shape);
        CHECK(support::contains_all(fault(), {fmt::format("step '{}', expected a number", step)}));
    }
    support::write_text(path, "x");
    CHECK_THROWS_AS(read_sample(path), tensor::Error);
}

TEST_CASE("sample files: the nearest steps are taken, each once, of two as near the earlier") {
    const Steps steps{0, 100, 200, 400, 1000};
    CHECK(nearest_places(steps, Steps{0, 100, 1000}) == Places{0, 1, 4});
    CHECK(nearest_places(steps, Steps{5000, 700, 701, 149, 150, 151}) == Places{1, 2, 3, 4});
    CHECK(nearest_places(steps, Steps{150}) == Places{1});
    CHECK(nearest_places(steps, Steps{300, 301}) == Places{2, 3});
    CHECK(nearest_places(Steps{7}, Steps{0, 9}) == Places{0});
    CHECK(nearest_places(Steps{}, Steps{0, 9}).empty());
    CHECK(nearest_places(steps, Steps{}).empty());
}

TEST_CASE("sample files: the papers' stages are taken of a long run, and some of all of a short one") {
    Steps steps;
    for (std::int64_t step = 0; step <= 8000; step += 100) steps.push_back(step);
    CHECK(stage_places(steps) == Places{0, 7, 25, 60, 79});
    steps.resize(31);  // up to 3000
    CHECK(stage_places(steps) == Places{0, 7, 25, 30});
    steps.resize(17);  // up to 1600: 0, 700 and the last are three
    CHECK(stage_places(steps) == Places{0, 1, 4, 9, 16});
    steps.resize(3);
    CHECK(stage_places(steps) == Places{0, 1, 2});
    CHECK(stage_places(Steps{}).empty());
    CHECK(spread_places(100, 3) == Places{0, 25, 99});
}
