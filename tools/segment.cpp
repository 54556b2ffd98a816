// musegan segment: where the sections of a song begin, as a table and as a picture.
#include <algorithm>

#include "io/atomic_file.hpp"
#include "musegan/data/song.hpp"
#include "musegan/data/windows.hpp"
#include "musegan/figures/structure_figure.hpp"
#include "musegan/sources/read_song.hpp"
#include "musegan/structure/sections.hpp"
#include "tensor/enum_names.hpp"
#include "tensor/error.hpp"
#include "tensor/units.hpp"
#include "tools/commands.hpp"
#include "tools/setting_options.hpp"
#include "tools/shell_text.hpp"
#include "tools/standard_output.hpp"
#include "tools/usage.hpp"

namespace tools {

namespace {

namespace fs = std::filesystem;
using musegan::BarRange;
using musegan::Segmentation;

struct SegmentCommand {
    std::string input, picture;
    bool draws = false;
    musegan::SongFilter filter;
};

/// A song as `musegan prepare` sees it, and what it makes of it.
struct Segmented {
    musegan::Song song;
    musegan::Meter meter;
    musegan::CountedRoll converted;
    std::vector<BarRange> stretches;
    std::vector<BarRange> sections, ranges;  ///< equally many: a section, and what is cut of it
    musegan::Windows windows;
};

Segmented segment(const SegmentCommand& command) {
    const musegan::ReadSong read = musegan::read_song(command.input);
    const musegan::SongSource& source = *read.source;
    const musegan::SongFilter& filter = command.filter;
    Segmented result{musegan::cut_song(source, filter),
                     source.meter(),
                     source.roll({0, filter.families, filter.timing}),
                     {},
                     {},
                     {},
                     {}};
    if (result.converted.counts.kept == 0)
        tensor::fail(command.input, "no sections: {}",
                     result.song.detail.empty() ? "no note is in a bar of four quarters" : result.song.detail);
    const std::vector<musegan::BarActivity> bars = musegan::activity_of_bars(result.converted.roll);
    result.stretches = musegan::sounding_stretches(result.converted, bars);
    for (const BarRange& stretch : result.stretches) {
        const auto sections = musegan::sections_of(result.converted.roll, stretch, filter.segment);
        const auto ranges = musegan::ranges_to_cut(sections, filter.segment);
        result.sections.insert(result.sections.end(), sections.begin(), sections.end());
        result.ranges.insert(result.ranges.end(), ranges.begin(), ranges.end());
    }
    result.windows = musegan::choose_windows(result.converted, bars, filter);
    return result;
}

/// "1" or "1 to 8"; bars are counted from 1.
std::string bars_text(const BarRange& range) {
    if (range.bars() == 0) return "none";
    return range.bars() == 1 ? fmt::format("{}", range.begin + 1) : fmt::format("{} to {}", range.begin + 1, range.end);
}

void print_table(const Segmented& song) {
    print_out("  section  first bar   bars  cut into phrases  phrases  usable\n");
    for (std::size_t k = 0; k < song.sections.size(); ++k) {
        const BarRange &section = song.sections[k], &range = song.ranges[k];
        const std::int64_t length = song.converted.roll.shape().bars;
        const auto usable = std::ranges::count_if(song.windows.first_bars, [&](std::int64_t bar) {
            return bar >= range.begin && bar + length <= range.end && (bar - range.begin) % length == 0;
        });
        print_out("  {:7}  {:9}  {:5}  {:>16}  {:7}  {:6}\n", k + 1, section.begin + 1, section.bars(),
                  bars_text(range), range.bars() / length, usable);
    }
}

std::string facts(const SegmentCommand& command, const Segmented& song) {
    const std::int64_t bars = song.converted.roll.steps() / song.converted.roll.shape().steps_per_bar();
    std::string text = fmt::format("{}: {} bars of four quarters, meter {}", shown_text(command.input),
                                   tensor::count_text(bars), song.meter.text);
    if (song.stretches.size() > 1) text += fmt::format(", {} stretches", song.stretches.size());
    if (song.meter.foreign_bars > 0)
        text += fmt::format(" ({} other bars are left out and not counted)", song.meter.foreign_bars);
    return text + fmt::format("; {} of {} notes; {} sections by {}\n", tensor::count_text(song.converted.counts.kept),
                              tensor::count_text(song.converted.counts.notes), song.sections.size(),
                              tensor::name_of(command.filter.segment));
}

void draw(const SegmentCommand& command, Segmented& song) {
    musegan::StructurePicture picture{
        fmt::format("{}: sections by {}", shown_text(fs::path(command.input).filename().string()),
                    tensor::name_of(command.filter.segment)),
        song.converted.roll,
        {},
        song.windows.first_bars};
    for (const BarRange& stretch : song.stretches) {
        for (const BarRange& piece : musegan::pieces_of(stretch))
            picture.pieces.push_back(musegan::analyze(song.converted.roll, piece, command.filter.segment));
    }
    musegan::structure_figure(picture).save(command.picture);
}

/// Refuses before any work what could not be written, or would replace the song.
void check_picture(SegmentCommand& command) {
    if (command.picture.empty()) command.picture = fs::path(command.input).stem().string() + ".segments.png";
    if (fs::path(command.picture).extension() != ".png")
        throw UsageError(fmt::format("[--png] '{}', expected a path that ends in .png", command.picture));
    std::error_code error;
    if (fs::equivalent(command.input, command.picture, error))
        tensor::fail(command.picture, "is the song itself, expected another path for the picture");
    io::require_writable(command.picture);
}

int run(SegmentCommand& command) {
    require_stated(command.input, "segment", "file", "the song: a MIDI file, or an .npz of pypianoroll");
    if (command.filter.segment == Segmentation::fixed)
        throw UsageError("[--segment] 'fixed' finds no sections, expected sf or sf-authors");
    if (command.draws) check_picture(command);
    Segmented song = segment(command);
    print_text(facts(command, song));
    print_table(song);
    print_out("as data: {}{}{}; {} phrases of {} windows, {} repeated\n", tensor::name_of(song.song.outcome),
              song.song.detail.empty() ? "" : ": ", song.song.detail, song.song.phrases.count(), song.song.windows,
              song.song.duplicates);
    if (!command.draws) return 0;
    draw(command, song);
    print_out("look at {}\n", shell_quoted(command.picture));
    return 0;
}

}  // namespace

Action add_segment(CLI::App& app) {
    auto command = std::make_shared<SegmentCommand>();
    command->filter.segment = Segmentation::sf;
    CLI::App* const sub =
        app.add_subcommand("segment", "Show where the sections of a song begin, and what is cut of it");
    sub->footer(
        "What `musegan prepare --segment` makes of a song: the sections by structural features, the bars of each that\n"
        "are cut into phrases of four bars, and how many are usable: enough tracks sound, and none is as one before.\n"
        "Bars are counted from 1.\n"
        "Example: musegan segment song.mid --segment sf-authors --png song.png");
    add_path(*sub, "file", command->input, "The song: a MIDI file, or an .npz of pypianoroll");
    const io::SettingList settings = settings_of(command->filter);
    io::Setting segment = *settings.find("segment");
    segment.help = "By structural features, as the program MSAF does, or as the MuseGAN authors did";
    segment.expected = "sf or sf-authors";
    add_setting(*sub, segment);
    sub->add_option("--png", command->picture,
                    "Draw it, too: self-similarity, novelty, tracks, sections (default: NAME.segments.png here)")
        ->expected(0, 1)
        ->type_name("[PATH]");
    return [command, sub] {
        command->draws = sub->count("--png") > 0;
        return run(*command);
    };
}

}  // namespace tools
