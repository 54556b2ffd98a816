#include "musegan/pages/listen_page.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "io/midi.hpp"
#include "musegan/pages/page_phrase_data.hpp"
#include "musegan/phrase/midi_roll.hpp"
#include "musegan/phrase/pypianoroll.hpp"
#include "tensor/error.hpp"

using namespace musegan;
using nlohmann::json;

namespace {

ReadSong song_of(const io::MidiFile& midi) { return read_song(io::serialize_midi(midi), "song.mid"); }

/// Two bars of piano and a note that is out of range, with a tempo that changes in the second.
io::MidiFile small_song() {
    io::MidiFile midi;
    midi.notes = {{0, 480, 1, 0, 0, 60, 100}, {480, 960, 1, 0, 0, 12, 100}, {1920, 2400, 1, 0, 0, 64, 100}};
    midi.tempos = {{0, 500'000}, {1920, 750'000}};
    midi.last_tick = 2400;
    return midi;
}

json data_of(const std::string& page) {
    const std::string begin = "id=\"data\">";
    const std::size_t start = page.find(begin) + begin.size();
    return json::parse(page.substr(start, page.find("</script>", start) - start));
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("listen page: a song comes whole, with its tempos and what is not played of it") {
    const ListenedSong song = listened_song(song_of(small_song()), "song.mid");
    CHECK(song.phrase.roll.steps() == 192);
    CHECK(note_runs(song.phrase.roll).size() == 2);
    CHECK(song.phrase.tempos == std::vector<io::MidiTempo>{{0, 500'000}, {1920, 750'000}});
    CHECK(song.about == "2 bars, 2 notes; 1 of 3 notes is not played: 1 out of range (C1 to B7)");
}

TEST_CASE("listen page: bars of other meters are there, too, on a grid of four quarters, and it says so") {
    io::MidiFile midi = small_song();
    midi.meters = {{0, 3, 4}};
    midi.notes.push_back({14'400, 14'880, 1, 0, 0, 67, 100});
    midi.last_tick = 14'880;
    const ListenedSong song = listened_song(song_of(midi), "song.mid");
    CHECK(note_runs(song.phrase.roll).size() == 3);
    CHECK(note_runs(song.phrase.roll).back().begin == 30 * 24);
    CHECK(has(song.about, "; bars are shown as four quarters, it has 3/4"));
}

TEST_CASE("listen page: songs of pypianoroll play at 120, and what has no note for us is refused by name") {
    const PianoRoll roll = listened_song(song_of(small_song()), "song.mid").phrase.roll;
    const ListenedSong song = listened_song(read_song(pypianoroll_npz(roll), "song.npz"), "song.npz");
    CHECK(note_runs(song.phrase.roll).size() == 2);
    CHECK(song.phrase.tempos.empty());
    CHECK(has(song.about, "at 120 beats per minute"));
    io::MidiFile silent = small_song();
    silent.notes.resize(1);
    silent.notes[0].pitch = 12;
    CHECK_THROWS_WITH_AS(listened_song(song_of(silent), "a.mid"),
                         "[a.mid] holds no note that can be played; 1 of 1 notes is not played: 1 out of range "
                         "(C1 to B7)",
                         tensor::Error);
    silent.notes.clear();
    CHECK_THROWS_WITH_AS(listened_song(song_of(silent), "a.mid"), "[a.mid] holds no note, expected a song",
                         tensor::Error);
}

TEST_CASE("listen page: its data are the songs, and files that are none are named") {
    ListenPage page;
    CHECK_THROWS_AS(page.html("none"), tensor::Error);
    ListenedSong song = listened_song(song_of(small_song()), "song.mid");
    CHECK(page.add(song, "a/song.mid", "song"));
    const json one = data_of(page.html("One"));
    song.phrase.name = "a/song.mid";
    song.phrase.file = "song";
    json expected = json_of(song.phrase);
    expected["about"] = song.about;
    CHECK(one["phrases"] == json{expected});
    CHECK(one["tracks"] == json(tracks_json()));
    CHECK(one["figureOrder"] == json{0, 1, 2, 4, 3});
    CHECK(has(page.html("One"), "2 bars, 2 notes; 1 of 3"));
    CHECK_FALSE(has(page.html("One"), "id=\"unread\""));
    CHECK(page.add(song, "b", "b"));
    page.add_unread({"c.mid", "is no song"});
    page.leave_out(0);
    const std::string both = page.html("Both");
    CHECK(data_of(both)["phrases"].size() == 2);
    CHECK(has(both, "2 songs."));
    CHECK(has(both, "1 file could not be read."));
    CHECK(has(both, "<li>c.mid: is no song</li>"));
    CHECK(page.room_text().empty());
    for (int k = 0; k < 300; ++k) page.add_unread({"more", "none"});
    CHECK(has(page.html("Many"), "301 files could not be read."));
    CHECK(has(page.html("Many"), "<li>and 101 more</li>"));
}

TEST_CASE("listen page: it is never larger than it may be, and says what has no room") {
    // A cell of every second step and pitch: about 80,000 notes, a quarter of a megabyte.
    PianoRoll roll(paper_shape, 96 * 20);
    for (int step = 0; step < roll.steps(); step += 2)
        for (int pitch = 0; pitch < 84; ++pitch) roll.set(step, pitch, 1);
    ListenPage page;
    std::int64_t songs = 0;
    while (page.add({{.name = "", .file = "", .roll = roll}, "dense"}, "song", "song")) ++songs;
    CHECK(songs > 20);
    CHECK(page.songs() == songs);
    page.leave_out(5);
    const std::string html = page.html("Dense");
    CHECK(html.size() <= static_cast<std::size_t>(ListenPage::most_bytes));
    CHECK(html.size() > 19'000'000);
    const std::string words = std::to_string(songs) + " of " + std::to_string(songs + 5) +
                              " songs, the rest would make the page larger than 20 MB";
    CHECK(page.room_text() == words);
    CHECK(has(html, words + "."));
}
