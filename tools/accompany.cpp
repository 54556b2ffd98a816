// musegan accompany: music to one track of a song.
#include "musegan/music/accompany.hpp"

#include <algorithm>

#include "musegan/data/song.hpp"
#include "musegan/evaluation/metrics.hpp"
#include "musegan/music/files.hpp"
#include "musegan/phrase/midi_roll.hpp"
#include "musegan/phrase/tempo_map.hpp"
#include "musegan/sound/wav_of_midi.hpp"
#include "musegan/sources/midi_source.hpp"
#include "tensor/error.hpp"
#include "tools/setting_options.hpp"
#include "tools/shell_text.hpp"
#include "tools/sound_output.hpp"
#include "tools/standard_output.hpp"
#include "tools/trained_model.hpp"
#include "tools/usage.hpp"

namespace tools {

namespace {

namespace fs = std::filesystem;

struct AccompanyCommand {
    std::string input, track, out;
    ModelOptions model;
    musegan::AccompanyOptions options;
    musegan::FileOptions files;
    SettingOptions settings;
};

std::int64_t bars_of(const musegan::PianoRoll& roll) { return roll.steps() / roll.shape().steps_per_bar(); }

/// Throws Error where one of the files would be the song itself, whatever it is called.
void refuse_song(const AccompanyCommand& command, const std::vector<std::string>& files) {
    for (const std::string& file : files) {
        std::error_code error;
        const fs::path output = fs::path(command.out) / file;
        if (fs::equivalent(command.input, output, error))
            tensor::fail(output.string(), "is the song itself, expected another folder to write into");
    }
}

musegan::PianoRoll make(AccompanyCommand& command, const musegan::Model& model, const musegan::PianoRoll& song) {
    const int bars = model.config().shape.bars;
    Progress progress("accompany", "phrases", (bars_of(song) + bars - 1) / bars);
    command.options.progress = [&](std::int64_t done, std::int64_t) {
        progress.update(done);
        if (interrupted()) end_interrupted("accompany", "nothing was written");
    };
    return musegan::accompany(model, song, command.options);
}

/// The metrics of a song's whole phrases of four bars, or of the one phrase that a shorter song is.
std::string metrics_of(const musegan::PianoRoll& roll) {
    musegan::PhraseShape shape = roll.shape();
    shape.bars = static_cast<int>(std::min<std::int64_t>(shape.bars, bars_of(roll)));
    const std::int64_t count = bars_of(roll) / shape.bars;
    const musegan::PhraseView phrases(shape, roll.bits().first(static_cast<std::size_t>(count * shape.bytes())));
    return fmt::format("metrics of {} phrases of {} bars:\n{}", count, shape.bars,
                       musegan::metrics_table(musegan::measure(phrases)));
}

/// "piano given, drums kept, bass,guitar,strings made".
std::string origin_of_tracks(const musegan::ModelConfig& config, const std::vector<int>& keep) {
    std::vector<int> kept, made;
    for (int track = 0; track < musegan::n_tracks; ++track) {
        if (track == config.given()) continue;
        (std::ranges::find(keep, track) != keep.end() ? kept : made).push_back(track);
    }
    std::string text = fmt::format("{} given", musegan::list_track_names({*config.given()}));
    if (!kept.empty()) text += fmt::format(", {} kept", musegan::list_track_names(kept));
    if (!made.empty()) text += fmt::format(", {} made", musegan::list_track_names(made));
    return text;
}

/// How long the song's music is as sound.
std::int64_t frames_of(const io::MidiFile& song, const musegan::MidiSource& source, const musegan::PianoRoll& roll) {
    return musegan::wav_frames(
        musegan::midi_from_roll(musegan::PianoRoll(roll.shape(), roll.steps()),
                                {.tempos = musegan::tempo_map_of(song, source.origin_tick(), roll)}));
}

int run(AccompanyCommand& command) {
    require_stated(command.input, "accompany", "--input", "the song: a MIDI file");
    require_stated(command.out, "accompany", "--out", "a folder to write into");
    command.model.require_source("accompany");
    const io::MidiFile midi = io::read_midi(command.input);
    const musegan::MidiSource source(midi);
    const musegan::CountedRoll song = musegan::whole_song(source, command.input);
    const std::string name = fs::path(command.input).stem().string();
    settle_sound(command.files.sound, name + ".wav", frames_of(midi, source, song.roll));
    const std::vector<std::string> names = musegan::song_files(name, command.files);
    refuse_song(command, names);
    OutputFolder folder(command.out, "song " + name, names);
    watch_interrupt("ending soon");
    const musegan::Model model = command.model.load(command.options.sampling.execution.precision);
    check_usage([&] { musegan::require_given(model.config(), command.track); });
    musegan::require_given_notes(model.config(), song.roll, command.input);
    say(fmt::format("{}: {} bars, {} of {} notes; {}", shown_text(command.input),
                    tensor::count_text(bars_of(song.roll)), tensor::count_text(song.counts.kept),
                    tensor::count_text(song.counts.notes), origin_of_tracks(model.config(), command.options.keep)));
    const musegan::PianoRoll music = make(command, model, song.roll);
    const std::string metrics = metrics_of(music);
    folder.begin();
    std::vector<fs::path> files;
    {
        Progress progress("write", "files", folder.files());
        files =
            musegan::write_song(folder.path(), name, music, musegan::tempo_map_of(midi, source.origin_tick(), music),
                                command.files, show_files(progress, "accompany", command.out));
    }
    const std::string earlier = folder.finish();
    accompany_text(metrics);
    const std::int64_t bars = bars_of(music), shown = musegan::bars_in_figure(music);
    if (!earlier.empty()) say(fmt::format("{}: {}", shown_text(command.out), earlier));
    say(fmt::format("{} bars in {}: listen to {}, look at {}{}", tensor::count_text(bars), shown_text(command.out),
                    shell_quoted(files.front().string()), shell_quoted(files.back().string()),
                    shown < bars ? fmt::format(" (the first {} bars)", tensor::count_text(shown)) : ""));
    return 0;
}

}  // namespace

Action add_accompany(CLI::App& app) {
    auto command = std::make_shared<AccompanyCommand>();
    CLI::App* const sub = app.add_subcommand("accompany", "Make the other tracks to one track of a song");
    sub->footer(
        "For a run of `musegan train --condition TRACK`. The music has the song's tempos and its bars up to the last\n"
        "note; the cells of TRACK (24 per beat, C1 to B7) are the song's, the other tracks are replaced, save those\n"
        "that --keep names. All bars of the song must have four quarters (4/4, 2/2, 8/8).\n"
        "Example: musegan accompany --input song.mid --track piano --run run --out music --keep drums");
    add_path(*sub, "--input", command->input, "The song: a MIDI file");
    sub->add_option("--track", command->track, "The track of the song that is given; by itself the run's");
    add_path(*sub, "--out", command->out, "Folder to write into; the files are called as the song is");
    command->settings.add_to(*sub, settings_of(command->options));
    command->settings.add_to(*sub, settings_of(command->files));
    command->model.add_to(*sub);
    return [command] { return run(*command); };
}

}  // namespace tools
