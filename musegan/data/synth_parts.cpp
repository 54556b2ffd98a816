#include "musegan/data/synth_parts.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <tuple>

namespace musegan {

namespace {

using tensor::RandomStream;
using Pattern = std::string_view;

constexpr int sixteenths = 16;

template <typename T>
const T& pick(RandomStream& random, std::span<const T> choices) {
    return choices[static_cast<std::size_t>(random.below(choices.size()))];
}

bool chance(RandomStream& random, std::uint64_t percent) { return random.below(100) < percent; }

int velocity_around(RandomStream& random, int center) { return center - 8 + static_cast<int>(random.below(17)); }

/// Calls visit(position, length, symbol) for every note of a pattern; '.' lengthens a note, '-' and the bar's end stop
/// it.
template <typename Visit>
void for_each_hit(Pattern pattern, Visit&& visit) {
    for (std::size_t begin = 0; begin < pattern.size(); ++begin) {
        if (pattern[begin] == '.' || pattern[begin] == '-') continue;
        std::size_t end = begin + 1;
        while (end < pattern.size() && pattern[end] == '.') ++end;
        visit(static_cast<int>(begin), static_cast<int>(end - begin), pattern[begin]);
    }
}

// Four chords of C major by scale degree, 1 to 6; the minor ones circle around A minor.
constexpr std::array<Pattern, 10> major_progressions{"1564", "1645", "6415", "1454", "1345",
                                                     "4156", "2516", "1465", "1415", "4514"};
constexpr std::array<Pattern, 8> minor_progressions{"6415", "6251", "6545", "6423", "6364", "6523", "6465", "6214"};

constexpr std::array<Pattern, 8> kicks{"x-------x-------", "x-----x-x-------", "x-------x-x-----", "x--x----x-x-----",
                                       "x-----x---x-----", "x---x---x---x---", "x-x-----x-x-----", "x------xx-x-----"};
constexpr std::array<Pattern, 3> snares{"----x-------x---", "----x--x-x--x---", "--------x-------"};
constexpr Pattern hat_eighths = "x-x-x-x-x-x-x-x-", hat_sixteenths = "xxxxxxxxxxxxxxxx",
                  hat_quarters = "x---x---x---x---";

constexpr std::array<Pattern, 8> basses{"R.R.R.R.R.R.R.R.", "R...R...5...R...", "R.....R.5.....O.", "R.O.R.O.R.O.R.O.",
                                        "R..R..R.5..R..R.", "R.......5.......", "R-R-R-R-5-5-R-R-", "R..RO...R..R5..."};
constexpr std::array<Pattern, 5> driving_guitars{"P.P.P.P.P.P.P.P.", "P...P.P...P.P.P.", "P-P-P-PPP-P-P-PP",
                                                 "P.......P.......", "P..P..P.P..P..P."};
constexpr std::array<Pattern, 6> strummed_guitars{"x...x.x...x.x.x.", "x...x...x...x...", "x..x..x...x.x...",
                                                  "--x---x---x---x-", "x.......x...x...", "x.xx..x.x.xx..x."};
constexpr std::array<Pattern, 4> picked_guitars{"0.1.2.3.2.1.2.1.", "0.2.1.2.3.2.1.2.", "0...2...1...2...",
                                                "0.1.2.1.3.1.2.1."};
constexpr std::array<Pattern, 4> piano_chords{"x...x...x...x...", "x.......x.......", "x..x..x.x..x..x.",
                                              "x.....x...x....."};
constexpr std::array<Pattern, 4> piano_arpeggios{"0.1.2.1.0.1.2.1.", "0.2.1.2.0.2.1.2.", "0.1.2.3.2.1.0.1.",
                                                 "0121012101210121"};
constexpr std::array<Pattern, 6> tunes{"x.......x...x...x...............", "x...x...x.x.x...x.......x.......",
                                       "--x.x.x.x.......--x.x.x.x.......", "x.....x.x.......x.....x.x...x...",
                                       "x...........x.x.x...............", "x.x.x...x.x.x...x.......--------"};

Chord chord_of_degree(char degree) {
    static constexpr std::array<Chord, 6> chords{{{0, false}, {2, true}, {4, true}, {5, false}, {7, false}, {9, true}}};
    return chords[static_cast<std::size_t>(degree - '1')];
}

/// The lowest pitch at or above `low` of a pitch class.
int at_or_above(int pitch_class, int low) { return low + (pitch_class - low % 12 + 24) % 12; }

/// The chord's tones in the octave above `low`, and the lowest again on top: neighbours move by small steps.
std::array<int, 4> voicing(const Chord& chord, int low) {
    std::array<int, 4> pitches{};
    const auto classes = chord.pitch_classes();
    for (std::size_t k = 0; k < 3; ++k) pitches[k] = at_or_above(classes[k], low);
    std::sort(pitches.begin(), pitches.begin() + 3);
    pitches[3] = pitches[0] + 12;
    return pitches;
}

/// `step` of C major above C4 (step 7 = C5).
int scale_pitch(int step) {
    static constexpr std::array<int, 7> semitones{0, 2, 4, 5, 7, 9, 11};
    return 60 + step / 7 * 12 + semitones[static_cast<std::size_t>(step % 7)];
}

/// The pitch nearest to `pitch` that belongs to the chord; the lower one on a tie.
int nearest_chord_tone(const Chord& chord, int pitch) {
    int best = pitch, distance = 128;
    for (const int pitch_class : chord.pitch_classes()) {
        for (int candidate = at_or_above(pitch_class, pitch - 11); candidate <= pitch + 12; candidate += 12) {
            if (std::abs(candidate - pitch) < distance) {
                distance = std::abs(candidate - pitch);
                best = candidate;
            }
        }
    }
    return best;
}

void play_drums(Score& score, const SectionStyle& style, std::int64_t bar, bool fill, bool crash,
                RandomStream& random) {
    if (style.kick.empty() && style.hat.empty()) return;
    const int fill_begin = fill ? (chance(random, 50) ? 8 : 12) : sixteenths;
    const auto strike = [&](Pattern pattern, int pitch, int velocity) {
        for_each_hit(pattern, [&](int position, int, char) {
            if (position < fill_begin)
                score.add(Family::drums, bar, position, 1, pitch, velocity_around(random, velocity));
        });
    };
    strike(style.kick, 36, 108);
    strike(style.snare, 38, 104);
    strike(style.hat, style.cymbal, 80);
    if (crash) score.add(Family::drums, bar, 0, 1, 49, 112);
    static constexpr std::array<int, 4> toms{50, 47, 45, 43};
    for (int position = fill_begin; position < sixteenths; ++position) {
        // Snare first, then down the toms.
        const int part = (position - fill_begin) * 5 / (sixteenths - fill_begin);
        const int pitch = part == 0 ? 38 : toms[static_cast<std::size_t>(part - 1)];
        if (position % 2 == 0 || chance(random, 70)) {
            score.add(Family::drums, bar, position, 1, pitch, velocity_around(random, 100));
        }
    }
}

void play_bass(Score& score, const SectionStyle& style, std::int64_t bar, const Chord& chord, const Chord& next,
               RandomStream& random) {
    const int root = at_or_above(chord.root, 28);  // E1, the lowest string
    const int target = at_or_above(next.root, 28);
    const bool lead = target != root && chance(random, 40);
    for_each_hit(style.bass, [&](int position, int length, char symbol) {
        int pitch = symbol == '5' ? root + (root < 36 ? 7 : -5) : symbol == 'O' && root < 36 ? root + 12 : root;
        if (lead && position >= 12 && position + length == sixteenths) {
            pitch = nearest_chord_tone(chord, target + (root < target ? -3 : 3));
        }
        score.add(Family::bass, bar, position, length, pitch, velocity_around(random, 100));
    });
}

void play_guitar(Score& score, const SectionStyle& style, std::int64_t bar, const Chord& chord, RandomStream& random) {
    const auto tones = voicing(chord, 52);
    for_each_hit(style.guitar, [&](int position, int length, char symbol) {
        const int velocity = velocity_around(random, position % 4 == 0 ? 96 : 84);
        const auto add = [&](int pitch) { score.add(Family::guitar, bar, position, length, pitch, velocity); };
        if (symbol == 'P') {
            const int root = at_or_above(chord.root, 40);
            for (const int interval : {0, 7, 12}) add(root + interval);
        } else if (symbol == 'x') {
            for (const int pitch : tones) add(pitch);
        } else {
            add(tones[static_cast<std::size_t>(symbol - '0')]);
        }
    });
}

void play_piano(Score& score, const SectionStyle& style, std::int64_t bar, const Chord& chord, RandomStream& random) {
    const auto tones = voicing(chord, 60);
    for_each_hit(style.piano, [&](int position, int length, char symbol) {
        const int velocity = velocity_around(random, 88);
        if (symbol != 'x') {
            score.add(Family::piano, bar, position, length, tones[static_cast<std::size_t>(symbol - '0')], velocity);
            return;
        }
        for (std::size_t k = 0; k < 3; ++k) score.add(Family::piano, bar, position, length, tones[k], velocity);
        if (position % 8 == 0) score.add(Family::piano, bar, position, 8, at_or_above(chord.root, 43), velocity);
    });
}

void play_strings(Score& score, const SectionStyle& style, std::int64_t bar, std::int64_t local_bar, const Chord& chord,
                  RandomStream& random) {
    if (style.pad) {
        const auto tones = voicing(chord, 55);
        for (std::size_t k = 0; k < 3; ++k) {
            score.add(Family::strings, bar, 0, sixteenths, tones[k], velocity_around(random, 70));
        }
    }
    if (style.melody.empty()) return;
    const int begin = local_bar % 2 == 0 ? 0 : sixteenths;
    std::size_t note = 0;
    for_each_hit(style.melody, [&](int position, int length, char) {
        const int step = style.tune[note++];
        if (position < begin || position >= begin + sixteenths) return;
        const int pitch = position % 8 == 0 ? nearest_chord_tone(chord, scale_pitch(step)) : scale_pitch(step);
        score.add(Family::strings, bar, position - begin, length, pitch, velocity_around(random, 94));
    });
}

/// A tune as scale steps: mostly to a neighbour, sometimes a leap, between A4 and C6.
std::vector<int> draw_tune(RandomStream& random, Pattern melody) {
    std::vector<int> tune;
    int step = 7 + static_cast<int>(random.below(5));
    for_each_hit(melody, [&](int, int, char) {
        tune.push_back(step);
        static constexpr std::array<int, 10> moves{-1, 1, -1, 1, 0, 2, -2, 1, -3, 4};
        const int move = pick<int>(random, moves);
        step = step + move < 5 || step + move > 14 ? step - move : step + move;
    });
    return tune;
}

}  // namespace

std::array<int, 3> Chord::pitch_classes() const { return {root, (root + (minor ? 3 : 4)) % 12, (root + 7) % 12}; }

void Score::add(Family family, std::int64_t bar, int position, int length, int pitch, int velocity) {
    const Track& track = tracks[static_cast<std::size_t>(index_of(family))];
    const std::int64_t onset = (bar * sixteenths + position) * ticks_per_16th;
    const int program = programs_[static_cast<std::size_t>(index_of(family))];
    notes_.push_back({onset, onset + length * ticks_per_16th, index_of(family) + 1, track.channel, program,
                      std::clamp(pitch, 0, 127), std::clamp(velocity, 1, 127)});
}

io::MidiFile Score::to_midi(double tempo) const {
    io::MidiFile midi;
    midi.format = 1;
    midi.ticks_per_quarter = static_cast<int>(ticks_per_quarter);
    midi.tempos = {{0, static_cast<int>(std::lround(60e6 / tempo))}};
    midi.meters = {{0, 4, 4}};
    midi.track_names.push_back("");
    for (const Track& track : tracks) midi.track_names.emplace_back(track.name);
    midi.notes = notes_;
    const auto key = [](const io::MidiNote& note) {
        return std::tie(note.onset, note.track, note.channel, note.pitch, note.offset);
    };
    std::sort(midi.notes.begin(), midi.notes.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
    // Two players of one family may meet on a pitch (a pad and the tune above it): one note is enough.
    const auto same = [](const io::MidiNote& a, const io::MidiNote& b) {
        return std::tie(a.onset, a.track, a.pitch) == std::tie(b.onset, b.track, b.pitch);
    };
    midi.notes.erase(std::unique(midi.notes.begin(), midi.notes.end(), same), midi.notes.end());
    for (const io::MidiNote& note : midi.notes) midi.last_tick = std::max(midi.last_tick, note.offset);
    return midi;
}

SectionStyle draw_style(RandomStream& random, bool minor_key, int energy) {
    SectionStyle style;
    const Pattern degrees =
        minor_key ? pick<Pattern>(random, minor_progressions) : pick<Pattern>(random, major_progressions);
    for (std::size_t bar = 0; bar < 4; ++bar) style.chords[bar] = chord_of_degree(degrees[bar]);
    if (energy > 0 || chance(random, 40)) {
        style.kick = pick<Pattern>(random, kicks);
        style.snare = energy == 0 ? snares[2] : snares[chance(random, 75) ? 0 : 1];
        style.hat = energy == 0 ? hat_quarters : chance(random, 35) ? hat_sixteenths : hat_eighths;
        style.cymbal = energy == 2 && chance(random, 50) ? (chance(random, 50) ? 46 : 51) : 42;
    }
    style.bass = energy == 0 ? basses[5] : pick<Pattern>(random, basses);
    if (energy == 2) {
        style.guitar =
            chance(random, 60) ? pick<Pattern>(random, driving_guitars) : pick<Pattern>(random, strummed_guitars);
    } else if (chance(random, 90)) {
        style.guitar =
            chance(random, 50) ? pick<Pattern>(random, picked_guitars) : pick<Pattern>(random, strummed_guitars);
    }
    if (style.guitar.empty() || chance(random, 90)) {
        style.piano = chance(random, 50) ? pick<Pattern>(random, piano_chords) : pick<Pattern>(random, piano_arpeggios);
    }
    style.pad = energy == 2 || chance(random, 75);
    if (energy == 2 ? chance(random, 85) : chance(random, 30)) {
        style.melody = pick<Pattern>(random, tunes);
        style.tune = draw_tune(random, style.melody);
    }
    return style;
}

void play_bar(Score& score, const SectionStyle& style, std::int64_t bar, std::int64_t local_bar, const Chord& next,
              bool fill, bool crash, RandomStream& random) {
    const Chord& chord = style.chords[static_cast<std::size_t>(local_bar % 4)];
    play_drums(score, style, bar, fill, crash, random);
    play_bass(score, style, bar, chord, next, random);
    play_guitar(score, style, bar, chord, random);
    play_piano(score, style, bar, chord, random);
    play_strings(score, style, bar, local_bar, chord, random);
}

}  // namespace musegan
