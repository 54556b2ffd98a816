#include "musegan/data/synth.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "io/folder.hpp"
#include "musegan/data/synth_parts.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

using tensor::RandomStream;

// i intro, v verse, c chorus, b bridge, o outro.
constexpr std::array<std::string_view, 6> forms{"ivcvcbco", "ivvcvcco", "ivcvcbvco",
                                                "vcvcbcc",  "icvcvbco", "ivcbvcbco"};

std::int64_t bars_of(char section) { return section == 'i' || section == 'o' ? 4 : 8; }

/// The five styles of a song. The outro is the intro again, so that a song ends where it began.
struct SongPlan {
    SectionStyle intro, verse, chorus, bridge;

    const SectionStyle& style(char section) const {
        switch (section) {
            case 'v': return verse;
            case 'c': return chorus;
            case 'b': return bridge;
            default: return intro;
        }
    }
};

/// The second half of a section answers the first: a player steps out or a new one comes in.
SectionStyle varied(const SectionStyle& style, std::uint64_t variation) {
    SectionStyle other = style;
    switch (variation) {
        case 0: other.pad = !style.pad; break;
        case 1:
            if (!style.guitar.empty()) other.piano.clear();
            break;
        case 2:
            if (!style.piano.empty()) other.guitar.clear();
            break;
        case 3: other.cymbal = style.cymbal == 42 ? 51 : 42; break;
        case 4: other.bass = "R.......5......."; break;
        default: break;
    }
    return other;
}

template <std::size_t N>
int pick_program(RandomStream& random, const std::array<int, N>& programs) {
    return programs[static_cast<std::size_t>(random.below(N))];
}

void choose_instruments(Score& score, RandomStream& random) {
    score.set_program(Family::bass, pick_program<4>(random, {32, 33, 34, 35}));
    score.set_program(Family::guitar, pick_program<5>(random, {24, 25, 27, 29, 30}));
    score.set_program(Family::piano, pick_program<4>(random, {0, 1, 4, 5}));
    score.set_program(Family::strings, pick_program<4>(random, {48, 49, 50, 51}));
}

void play_section(Score& score, const SectionStyle& style, const Chord& after, std::int64_t first_bar,
                  std::int64_t bars, RandomStream& random) {
    const SectionStyle answer = varied(style, random.below(7));
    for (std::int64_t bar = 0; bar < bars; ++bar) {
        const bool last = bar + 1 == bars;
        const Chord& next = last ? after : style.chords[static_cast<std::size_t>((bar + 1) % 4)];
        const bool fill = last || (bar % 4 == 3 && random.below(100) < 30);
        play_bar(score, bar < 4 ? style : answer, first_bar + bar, bar, next, fill, bar == 0, random);
    }
}

}  // namespace

io::MidiFile synthesize_song(std::uint64_t seed, std::uint64_t index) {
    RandomStream random{seed, index, 0};
    const bool minor_key = random.below(100) < 35;
    const double tempo = 84.0 + static_cast<double>(random.below(69));
    const std::string_view form = forms[static_cast<std::size_t>(random.below(forms.size()))];
    Score score;
    choose_instruments(score, random);
    SongPlan plan;
    plan.intro = draw_style(random, minor_key, 0);
    plan.verse = draw_style(random, minor_key, 1);
    plan.chorus = draw_style(random, minor_key, 2);
    plan.bridge = draw_style(random, !minor_key, static_cast<int>(random.below(2)));
    std::int64_t bar = 0;
    for (std::size_t k = 0; k < form.size(); ++k) {
        const Chord& after = plan.style(form[(k + 1) % form.size()]).chords[0];
        play_section(score, plan.style(form[k]), after, bar, bars_of(form[k]), random);
        bar += bars_of(form[k]);
    }
    return score.to_midi(tempo);
}

std::vector<std::string> song_file_names(std::int64_t count) {
    std::vector<std::string> names;
    for (std::int64_t k = 0; k < count; ++k) names.push_back(fmt::format("song_{:04}.mid", k + 1));
    return names;
}

std::vector<std::filesystem::path> write_songs(const std::filesystem::path& folder, std::int64_t count,
                                               std::uint64_t seed,
                                               const std::function<void(std::int64_t, std::int64_t)>& progress) {
    if (count < 1 || count > 1'000'000) tensor::fail("synth", "{} songs, expected 1 to 1000000", count);
    const io::MadeFolder made(folder);
    std::vector<std::filesystem::path> paths;
    for (const std::string& name : song_file_names(count)) {
        const auto index = static_cast<std::uint64_t>(paths.size());
        paths.push_back(folder / name);
        io::write_midi(paths.back(), synthesize_song(seed, index));
        if (progress) progress(static_cast<std::int64_t>(paths.size()), count);
    }
    return paths;
}

}  // namespace musegan
