#include "musegan/sound/wav_of_midi.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <optional>
#include <span>
#include <tuple>
#include <vector>

#include "io/wav.hpp"
#include "musegan/sound/midi_clock.hpp"
#include "musegan/sound/synthesizer.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

constexpr std::int64_t block = Synthesizer::frames_per_block;
constexpr std::int64_t most_blocks_at_once = 64;
constexpr std::int64_t fade_frames = Synthesizer::frames_per_second / 100;

/// A note's begin or end.
struct Event {
    std::int64_t block = 0;  ///< before which it takes place
    bool begins = false;     ///< after what ends in the same place
    int channel = 0, program = 0, pitch = 0, velocity = 0;
    auto order() const { return std::tie(block, begins, channel, pitch); }
};

std::vector<Event> events_of(const io::MidiFile& midi) {
    const MidiClock clock(midi, Synthesizer::frames_per_second);
    const auto block_of = [&](std::int64_t tick) { return (clock.frame_of(tick) + block / 2) / block; };
    std::vector<Event> events;
    events.reserve(2 * midi.notes.size());
    for (const io::MidiNote& note : midi.notes) {
        Event event{block_of(note.onset), true, note.channel, note.program, note.pitch, note.velocity};
        events.push_back(event);
        event.block = std::max(event.block + 1, block_of(note.offset));
        event.begins = false;
        events.push_back(event);
    }
    std::ranges::stable_sort(events, [](const Event& a, const Event& b) { return a.order() < b.order(); });
    return events;
}

/// A piece, played from its beginning to its end.
class Player {
  public:
    Player(const std::filesystem::path& sound_font, const std::vector<Event>& events, std::int64_t frames)
        : synthesizer_(sound_font), events_(events), frames_(frames) {}

    /// The next frames, left and right in turns; none at the end.
    std::span<const float> next() {
        send();
        const std::int64_t left = frames_ - block_ * block;
        if (left <= 0) return {};
        std::int64_t blocks = std::min(most_blocks_at_once, (left + block - 1) / block);
        if (next_event_ < events_.size()) blocks = std::min(blocks, events_[next_event_].block - block_);
        samples_.resize(static_cast<std::size_t>(2 * blocks * block));
        synthesizer_.render(samples_);
        samples_.resize(static_cast<std::size_t>(2 * std::min(left, blocks * block)));
        fade(left);
        block_ += blocks;
        return samples_;
    }

  private:
    /// What takes place before the next block.
    void send() {
        for (; next_event_ < events_.size() && events_[next_event_].block <= block_; ++next_event_) {
            const Event& event = events_[next_event_];
            if (!event.begins) {
                synthesizer_.note_off(event.channel, event.pitch);
                continue;
            }
            std::optional<int>& program = programs_.at(static_cast<std::size_t>(event.channel));
            if (program != event.program) synthesizer_.change_program(event.channel, event.program);
            program = event.program;
            synthesizer_.note_on(event.channel, event.pitch, event.velocity);
        }
    }

    /// Lets the samples that belong to the piece's last frames fade. `left` frames were to come before them.
    void fade(std::int64_t left) {
        const auto count = static_cast<std::int64_t>(samples_.size() / 2);
        for (std::int64_t k = std::max<std::int64_t>(0, left - fade_frames); k < count; ++k) {
            const double way = static_cast<double>(left - 1 - k) / fade_frames;  // from 1 to 0
            const auto factor = static_cast<float>(0.5 - 0.5 * std::cos(std::numbers::pi * way));
            for (std::int64_t side = 0; side < 2; ++side) samples_[static_cast<std::size_t>(2 * k + side)] *= factor;
        }
    }

    Synthesizer synthesizer_;
    const std::vector<Event>& events_;
    std::int64_t frames_, block_ = 0;
    std::size_t next_event_ = 0;
    std::array<std::optional<int>, 16> programs_{};
    std::vector<float> samples_;
};

void require_room(const std::filesystem::path& path, std::int64_t frames) {
    if (frames > io::most_wav_frames({}))
        tensor::fail(path.string(), "{} frames of sound, expected at most {}: a WAV file holds no more than 4 GiB",
                     frames, io::most_wav_frames({}));
}

}  // namespace

std::int64_t wav_frames(const io::MidiFile& midi) {
    return MidiClock(midi, Synthesizer::frames_per_second).frame_of(midi.last_tick);
}

void write_wav(const std::filesystem::path& path, const io::MidiFile& midi, const std::filesystem::path& sound_font,
               const StillAtWork& at_work) {
    const std::int64_t frames = wav_frames(midi);
    require_room(path, frames);
    const std::vector<Event> events = events_of(midi);
    const auto play = [&](auto&& take) {
        Player player(sound_font, events, frames);
        for (std::span<const float> samples = player.next(); !samples.empty(); samples = player.next()) {
            take(samples);
            if (at_work) at_work();
        }
    };
    float peak = 0;
    if (!events.empty())
        play([&](std::span<const float> samples) {
            for (const float sample : samples) peak = std::max(peak, std::abs(sample));
        });
    constexpr double full = 32767;
    const double scale = peak > 0 ? full * wav_peak / static_cast<double>(peak) : 0;
    io::WavWriter wav(path, {.channels = 2, .frames_per_second = Synthesizer::frames_per_second});
    std::vector<std::int16_t> rounded;
    play([&](std::span<const float> samples) {
        rounded.clear();
        for (const float sample : samples)
            rounded.push_back(
                static_cast<std::int16_t>(std::lround(std::clamp(static_cast<double>(sample) * scale, -full, full))));
        wav.write(rounded);
    });
    wav.commit();
}

}  // namespace musegan
