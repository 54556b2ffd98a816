#include "musegan/music/generate.hpp"

#include "io/midi.hpp"
#include "musegan/figures/figures.hpp"
#include "musegan/networks/streams.hpp"
#include "musegan/phrase/midi_roll.hpp"
#include "musegan/phrase/packing.hpp"
#include "musegan/phrase/pypianoroll.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/error.hpp"
#include "tensor/random.hpp"

namespace musegan {

io::SettingList settings_of(GenerateOptions& options) {
    io::SettingList list;
    list.number<std::int64_t>("phrases", options.phrases, {1, 100000}, "How many phrases");
    list.number<std::uint64_t>("seed", options.seed, {0, UINT64_MAX}, "The same seed gives the same phrases");
    list.choice("binarize", options.binarize, "threshold: on above 0; bernoulli: on with probability (1 + x) / 2");
    list.precision(options.execution.precision);
    return list;
}

io::SettingList settings_of(WriteOptions& options) {
    io::SettingList list;
    list.number<double>("tempo", options.tempo, {4.0, 1000.0}, "Beats per minute of the files");
    list.choice("figures", options.figures, "Format of the pictures: pixels (png) or vectors");
    list.yes_or_no("pypianoroll", options.pypianoroll, "Beside each MIDI file an .npz that pypianoroll loads");
    return list;
}

PackedPhrases decode(const Generator& generator, const Latents& latents) {
    const autograd::NoGrad no_grad;
    return pack_phrases(generator.config().shape, generator(latents, Mode::inference).value());
}

PackedPhrases generate_phrases(const Generator& generator, const GenerateOptions& options) {
    io::validate(options, "generate");
    const tensor::ExecutionScope execution(options.execution);
    const autograd::NoGrad no_grad;
    const Tensor& weight = generator.parameters().trainable.front().variable.value();
    PackedPhrases packed{generator.config().shape};
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
        packed.append(pack_phrases(packed.shape, cells).bits);
        if (options.progress) options.progress(k + 1);
    }
    return packed;
}

std::vector<std::filesystem::path> write_phrases(const std::filesystem::path& folder, const PhraseView& phrases,
                                                 const WriteOptions& options) {
    io::validate(options, "generate");
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) tensor::fail(folder.string(), "cannot make this folder: {}", error.message());
    std::vector<std::filesystem::path> files;
    std::vector<std::string> names;
    const auto write = [&](const std::string& name, const PianoRoll& roll, const Picture& picture) {
        files.push_back(folder / (name + ".mid"));
        io::write_midi(files.back(), midi_from_roll(roll, {.tempo = options.tempo}));
        if (options.pypianoroll) {
            files.push_back(folder / (name + ".npz"));
            write_pypianoroll(files.back(), roll, {.name = name, .tempo = options.tempo});
        }
        files.push_back(folder / fmt::format("{}.{}", name, tensor::name_of(options.figures)));
        picture.save(files.back());
    };
    for (std::int64_t k = 0; k < phrases.count(); ++k) {
        const PianoRoll roll = phrases.roll(k);
        names.push_back(fmt::format("phrase_{:03}", k + 1));
        write(names.back(), roll, tracks_figure(roll, {.title = names.back()}));
    }
    // The bounds on a song's bars and on a picture's sides also bound what goes into one file.
    const PhraseView shown = phrases.first(64);
    names.resize(static_cast<std::size_t>(shown.count()));
    write("all", join_phrases(phrases.first(512)),
          grid_figure(shown, static_cast<int>(std::min<std::int64_t>(shown.count(), 4)), Layout::stacked, names));
    return files;
}

}  // namespace musegan
