#include "musegan/music/generate.hpp"

#include "io/midi.hpp"
#include "musegan/figures/figures.hpp"
#include "musegan/networks/streams.hpp"
#include "musegan/phrase/midi_roll.hpp"
#include "musegan/phrase/packing.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/error.hpp"
#include "tensor/random.hpp"

namespace musegan {

Binarize parse_binarize(std::string_view text) {
    if (text == "threshold") return Binarize::threshold;
    if (text == "bernoulli") return Binarize::bernoulli;
    tensor::fail("generate", "'{}' is no way to binarise, expected threshold or bernoulli", text);
}

std::vector<std::uint8_t> decode(const Generator& generator, const Latents& latents) {
    const autograd::NoGrad no_grad;
    return pack_phrases(generator(latents, Mode::inference).value());
}

std::vector<std::uint8_t> generate_phrases(const Generator& generator, const GenerateOptions& options) {
    if (options.phrases < 1 || options.phrases > 100000)
        tensor::fail("generate", "{} phrases, expected 1 to 100000", options.phrases);
    const autograd::NoGrad no_grad;
    const Tensor& weight = generator.parameters().trainable.front().variable.value();
    std::vector<std::uint8_t> packed;
    // One phrase at a time, each with streams of its own: memory stays small, and a phrase never changes because more
    // are asked for.
    for (std::int64_t k = 0; k < options.phrases; ++k) {
        tensor::RandomStream latents = stream_for(options.seed, Stream::generation, static_cast<std::uint64_t>(k));
        Tensor cells =
            generator(Latents::draw(latents, 1, generator.config(), weight.dtype(), weight.device()), Mode::inference)
                .value();
        if (options.binarize == Binarize::bernoulli) {
            tensor::RandomStream draws = stream_for(options.seed, Stream::binarisation, static_cast<std::uint64_t>(k));
            const Tensor uniform = tensor::random_uniform(draws, cells.shape(), cells.dtype(), cells.device());
            cells = tensor::subtract(tensor::affine(cells, 0.5, 0.5), uniform);
        }
        const std::vector<std::uint8_t> bits = pack_phrases(cells);
        packed.insert(packed.end(), bits.begin(), bits.end());
        if (options.progress) options.progress(k + 1);
    }
    return packed;
}

std::vector<std::filesystem::path> write_phrases(const std::filesystem::path& folder,
                                                 std::span<const std::uint8_t> phrases, double tempo,
                                                 std::string_view figures) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) tensor::fail(folder.string(), "cannot make this folder: {}", error.message());
    std::vector<std::filesystem::path> files;
    std::vector<std::string> names;
    const auto write = [&](const std::string& name, const PianoRoll& roll, const Picture& picture) {
        files.push_back(folder / (name + ".mid"));
        io::write_midi(files.back(), midi_from_roll(roll, {.tempo = tempo}));
        files.push_back(folder / fmt::format("{}.{}", name, figures));
        picture.save(files.back());
    };
    const std::size_t count = phrases.size() / static_cast<std::size_t>(bytes_per_phrase);
    for (std::size_t k = 0; k < count; ++k) {
        const PianoRoll roll(steps_per_phrase, phrases.subspan(k * static_cast<std::size_t>(bytes_per_phrase),
                                                               static_cast<std::size_t>(bytes_per_phrase)));
        names.push_back(fmt::format("phrase_{:03}", k + 1));
        write(names.back(), roll, tracks_figure(roll, {.title = names.back()}));
    }
    // The bounds on a song's bars and on a picture's sides also bound what goes into one file.
    const std::size_t shown = std::min<std::size_t>(count, 64), joined = std::min<std::size_t>(count, 512);
    names.resize(shown);
    write("all", join_phrases(phrases.first(joined * static_cast<std::size_t>(bytes_per_phrase))),
          grid_figure(phrases.first(shown * static_cast<std::size_t>(bytes_per_phrase)),
                      shown < 4 ? static_cast<int>(shown) : 4, Layout::stacked, names));
    return files;
}

}  // namespace musegan
