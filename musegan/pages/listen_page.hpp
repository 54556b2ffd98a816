// The page of `musegan listen`: songs in a player, with a list to choose from.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "musegan/pages/page_phrase.hpp"
#include "musegan/sources/read_song.hpp"

namespace musegan {

/// A song as it is played, and what the page says of it: "64 bars, 1,234 notes; 12 notes are not played: 12 out of
/// range".
struct ListenedSong {
    PagePhrase phrase;
    std::string about;
};

/// A whole song of MIDI with its tempos, or of pypianoroll at 120 beats per minute. The grid is one of four quarters
/// from the song's first bar line on, whatever its meters, so that nothing is left out; where meters are others,
/// `about` says so. Throws Error, naming `name`, for a song without a note that can be played.
ListenedSong listened_song(const ReadSong& song, std::string_view name);

/// A file that is not on the page, and why.
struct UnreadFile {
    std::string name, reason;
};

/// Songs on their way to a page. Each is kept as text alone, a few bytes per note.
class ListenPage {
  public:
    /// Of a page with several songs. A browser opens it in a second or two, and it goes by mail.
    static constexpr std::int64_t most_bytes = 20'000'000;

    /// Takes a song; `name` stands in the list, `file` is what its download is called. Returns false and takes nothing
    /// where the page would become larger than most_bytes, unless it is the first.
    bool add(ListenedSong song, const std::string& name, const std::string& file);
    void add_unread(UnreadFile file) { unread_.push_back(std::move(file)); }
    /// So many more were found that have no room.
    void leave_out(std::int64_t songs) { left_out_ += songs; }

    std::int64_t songs() const { return songs_; }
    std::span<const UnreadFile> unread() const { return unread_; }
    std::int64_t left_out() const { return left_out_; }
    /// "12 of 40 songs, the rest would make the page larger than 20 MB"; "" where all are there.
    std::string room_text() const;

    /// The whole HTML file. Throws Error without a song.
    std::string html(const std::string& title) const;

  private:
    std::int64_t songs_ = 0, left_out_ = 0;
    std::string phrases_;  ///< JSON, separated by commas
    std::string about_;    ///< of the only song
    std::vector<UnreadFile> unread_;
};

}  // namespace musegan
