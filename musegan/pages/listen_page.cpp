#include "musegan/pages/listen_page.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "musegan/pages/page.hpp"
#include "musegan/pages/page_phrase_data.hpp"
#include "musegan/phrase/tempo_map.hpp"
#include "musegan/sources/midi_source.hpp"
#include "tensor/error.hpp"
#include "tensor/units.hpp"

namespace musegan {

namespace {

using Json = nlohmann::ordered_json;
using tensor::count_text;

/// Of frame, style and scripts; generous.
constexpr std::int64_t frame_bytes = 200'000;
/// More names than this are counted, not listed.
constexpr std::size_t most_names = 200;

std::string json_text(const Json& json) { return json.dump(-1, ' ', true, Json::error_handler_t::replace); }

/// "; 12 of 400 notes are not played: 10 out of range, 2 too short".
std::string lost_text(const NoteCounts& counts) {
    std::string reasons;
    const auto add = [&](std::int64_t count, const char* reason) {
        if (count > 0) reasons += fmt::format("{}{} {}", reasons.empty() ? "" : ", ", count_text(count), reason);
    };
    add(counts.out_of_range, "out of range (C1 to B7)");
    add(counts.too_short, "shorter than a 48th");
    add(counts.no_family, "of sound effects");
    add(counts.in_foreign_bars, "before the first bar");
    add(counts.too_late, "too late");
    if (reasons.empty()) return "";
    const std::int64_t lost = counts.notes - counts.kept;
    return fmt::format("; {} of {} notes {} not played: {}", count_text(lost), count_text(counts.notes),
                       lost == 1 ? "is" : "are", reasons);
}

std::string unread_text(std::size_t count) {
    return fmt::format("{} {} not be read", count_text(static_cast<std::int64_t>(count)),
                       count == 1 ? "file could" : "files could");
}

}  // namespace

ListenedSong listened_song(const ReadSong& song, std::string_view name) {
    if (song.source->note_count() == 0) tensor::fail(name, "holds no note, expected a song");
    const CountedRoll whole = song.source->whole_roll();
    if (whole.counts.kept == 0) tensor::fail(name, "holds no note that can be played{}", lost_text(whole.counts));
    const Meter meter = song.source->meter();
    const std::int64_t bars = whole.roll.steps() / whole.roll.shape().steps_per_bar();
    ListenedSong result{
        {.name = "", .file = "", .roll = whole.roll},
        fmt::format("{} {}, {} notes", count_text(bars), bars == 1 ? "bar" : "bars", count_text(whole.counts.kept)) +
            lost_text(whole.counts)};
    if (meter.foreign_bars > 0) result.about += fmt::format("; bars are shown as four quarters, it has {}", meter.text);
    if (song.midi) result.phrase.tempos = tempo_map_of(*song.midi, MidiSource(*song.midi).origin_tick(), whole.roll);
    else result.about += "; at 120 beats per minute, since tempos of pypianoroll are not read";
    return result;
}

bool ListenPage::add(ListenedSong song, const std::string& name, const std::string& file) {
    song.phrase.name = name;
    song.phrase.file = file;
    Json json = json_of(song.phrase);
    json["about"] = song.about;
    std::string text = json_text(json);
    const auto size = static_cast<std::int64_t>(phrases_.size() + text.size());
    if (songs_ > 0 && size + frame_bytes > most_bytes) return false;
    if (songs_ > 0) phrases_ += ',';
    phrases_ += text;
    about_ = song.about;
    ++songs_;
    return true;
}

std::string ListenPage::room_text() const {
    if (left_out_ == 0) return "";
    return fmt::format("{} of {} songs, the rest would make the page larger than {} MB", count_text(songs_),
                       count_text(songs_ + left_out_), most_bytes / 1'000'000);
}

std::string ListenPage::html(const std::string& title) const {
    if (songs_ == 0) tensor::fail("listen", "no song for the page, expected one at least");
    Page page{.title = title,
              .subtitle = songs_ == 1 ? about_ : fmt::format("{} songs.", count_text(songs_)),
              .sections = {{"songs", songs_ == 1 ? "Song" : "Songs"}},
              .styles = {"player/player.css", "listen/listen.css"},
              .script = "listen/listen.js"};
    if (left_out_ > 0) page.words.push_back(room_text() + ".");
    if (!unread_.empty()) {
        Markup names;
        for (std::size_t k = 0; k < std::min(unread_.size(), most_names); ++k)
            names += element("li", {}, words(fmt::format("{}: {}", unread_[k].name, unread_[k].reason)));
        if (unread_.size() > most_names)
            names += element("li", {}, words(fmt::format("and {} more", unread_.size() - most_names)));
        page.sections.push_back(
            {"unread", "Not read", unread_text(unread_.size()) + ".", {}, element("ul", {{"class", "unread"}}, names)});
    }
    page.data = fmt::format(R"({{"tracks":{},"figureOrder":{},"phrases":[{}]}})", json_text(tracks_json()),
                            json_text(Json(figure_order)), phrases_);
    return musegan::html(page);
}

}  // namespace musegan
