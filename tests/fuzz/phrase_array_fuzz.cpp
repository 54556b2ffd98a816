// Any bytes give an array of phrases or a tensor::Error; what is read are whole phrases with cells, no more than there
// are, and the same in pieces of any size, damage included.
#include <algorithm>
#include <optional>
#include <string>

#include "musegan/sources/phrase_array.hpp"
#include "tensor/error.hpp"
#include "tests/fuzz/fuzz_target.hpp"
#include "tests/musegan/sources/phrase_arrays.hpp"

namespace {

struct Result {
    std::vector<std::uint8_t> bits{};
    musegan::ArrayLosses losses{};
    std::string damage{};
    bool operator==(const Result&) const = default;
};

/// All phrases in pieces of `most`; nothing where the file is no array.
std::optional<Result> read_in_pieces(std::span<const std::uint8_t> file, std::int64_t most) {
    std::optional<musegan::PhraseArray> array;
    try {
        array.emplace(file, "fuzz");
    } catch (const tensor::Error&) {
        return std::nullopt;
    }
    Result result;
    try {
        while (true) {
            const musegan::PackedPhrases phrases = array->read(most);
            fuzz::require(phrases.shape == musegan::paper_shape && phrases.count() <= most,
                          "no more than were asked for");
            for (std::int64_t k = 0; k < phrases.count(); ++k)
                fuzz::require(std::ranges::any_of(phrases.view()[k], [](std::uint8_t byte) { return byte != 0; }),
                              "no phrase is silent");
            result.bits.insert(result.bits.end(), phrases.bits.begin(), phrases.bits.end());
            if (phrases.count() == 0) break;
        }
    } catch (const tensor::Error& error) {
        result.damage = error.what();
    }
    result.losses = array->losses();
    const std::int64_t read = static_cast<std::int64_t>(result.bits.size()) / musegan::paper_shape.bytes();
    const std::int64_t seen = read + result.losses.silent_phrases;
    fuzz::require(seen <= array->count(), "no more phrases than there are");
    fuzz::require(!result.damage.empty() || seen == array->count(), "every phrase is counted");
    return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    musegan::PhraseArray::looks_like({data, size});
    const std::optional<Result> result = read_in_pieces({data, size}, 1000);
    fuzz::require(read_in_pieces({data, size}, 1) == result, "pieces are the whole");
    return 0;
}

std::vector<std::vector<std::uint8_t>> fuzz::seeds() {
    const std::vector<std::vector<std::int64_t>> cells{
        {0, 0, 0, 10, 0}, {0, 3, 47, 83, 4}, {1, 2, 3, 4, 1}, {4, 0, 0, 0, 0}, {4, 0, 1, 0, 0}};
    const std::vector<std::vector<std::int64_t>> four_axes{{0, 383, 10, 4}, {2, 0, 1, 2}};
    const support::Extents beats{1, 4, 4, 84, 5};  // one step per beat
    const auto dense = support::dense_npy<std::uint8_t>(
        beats, support::dense_elements<std::uint8_t>(beats, {{0, 0, 0, 1, 0}, {0, 3, 3, 83, 4}}), io::NpyType::b1);
    return {support::sparse_npz(cells, {5, 4, 48, 84, 5}), support::sparse_npz<std::uint8_t>(cells, {9, 4, 48, 128, 5}),
            support::sparse_npz<std::int16_t>(four_axes, {3, 384, 84, 5}), dense, support::dense_npz(dense)};
}
