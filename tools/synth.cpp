// musegan synth: a small corpus of rule-based songs.
#include "musegan/data/synth.hpp"

#include "tensor/error.hpp"
#include "tools/commands.hpp"
#include "tools/output_folder.hpp"
#include "tools/setting_options.hpp"
#include "tools/shell_text.hpp"
#include "tools/terminal.hpp"
#include "tools/usage.hpp"

namespace tools {

namespace {

struct SynthOptions {
    std::int64_t songs = 100;
    std::string out;
    std::uint64_t seed = 0;
    SettingOptions settings;
};

io::SettingList settings_of(SynthOptions& options) {
    io::SettingList list;
    list.number<std::int64_t>("songs", options.songs, {1, 1'000'000}, "Number of songs");
    list.number<std::uint64_t>("seed", options.seed, {0, UINT64_MAX}, "The same seed writes the same songs");
    return list;
}

int run(const SynthOptions& options) {
    require_stated(options.out, "synth", "--out", "a folder to write the songs into");
    OutputFolder folder(options.out, "songs", musegan::song_file_names(options.songs));
    watch_interrupt("ending soon");
    folder.begin();
    {
        Progress progress("synth", "songs", options.songs);
        musegan::write_songs(folder.path(), options.songs, options.seed, show_files(progress, "synth", options.out));
    }
    const std::string earlier = folder.finish();
    if (!earlier.empty()) say(fmt::format("{}: {}", shown_text(options.out), earlier));
    say(fmt::format("{} songs in {}\nnext: {} prepare {} --out data.safetensors", tensor::count_text(options.songs),
                    shown_text(options.out), shell_quoted(own_name()), shell_quoted(options.out)));
    return 0;
}

}  // namespace

Action add_synth(CLI::App& app) {
    auto options = std::make_shared<SynthOptions>();
    CLI::App* const command = app.add_subcommand("synth", "Write a corpus of rule-based pop/rock songs as MIDI files");
    command->footer("Example: musegan synth --songs 200 --out songs --seed 1");
    add_path(*command, "--out", options->out, "Folder to write song_0001.mid and so on into");
    options->settings.add_to(*command, settings_of(*options));
    return [options] { return run(*options); };
}

}  // namespace tools
