// Lists of ids that choose files of the Lakh sets: which MD5s, or which songs.
#pragma once

#include <compare>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "musegan/sources/lakh_ids.hpp"

namespace musegan {

/// A file as one of a song.
struct FileOfSong {
    Md5 md5;
    MsdId song;
    auto operator<=>(const FileOfSong&) const = default;
};

/// One list. Either `songs` is empty or the two others are: a list is of files or of songs.
struct IdList {
    std::string name;                ///< its path
    std::vector<Md5> md5s;           ///< of lines with MD5s alone
    std::vector<FileOfSong> pairs;   ///< of lines with an MD5 and a song
    std::vector<MsdId> songs;        ///< of lines with songs alone
    std::int64_t strange_lines = 0;  ///< left out: they begin with no id, or hold several of both kinds
    std::string first_strange;       ///< "line 7: 'abc', expected an MD5 (...)", empty where there is none

    /// All its MD5s, with and without a song, sorted, each once.
    std::vector<Md5> files() const;
};

/// Reads a list. Its vectors are sorted and hold everything once. A line begins with an id; words of it that
/// are no ids mean nothing:
///
///     002fd3a1...    TRAAAGR128F425B14B    an MD5 and its song, in either order (cleansed_ids.txt, matched_ids.txt)
///     002fd3a1...                          an MD5
///     TRAAAGR128F425B14B    3              a song (id_list_*.txt; masd_labels*.txt, whose labels are not read)
///     002fd3a1..., fedcba98...             several MD5s, or several songs
///
/// Of three ids or more of both kinds it is not guessed which belong together: such a line is counted as strange and
/// left out, as is one that begins with another word.
///
/// Words end at blanks and commas, lines at LF, CR or both. A '#' begins a comment; empty lines and a UTF-8 byte order
/// mark are skipped. Throws Error for a file that cannot be read or has more than 64 MiB, for UTF-16, UTF-32, archives
/// and other binary content (naming what was found), for JSON, for a line of more than 4096 bytes, for lines of files
/// and of songs in one list, and for a list without any id.
IdList read_id_list(const std::filesystem::path& path);
/// The same of a text; errors name `name`.
IdList parse_id_list(std::span<const std::uint8_t> text, const std::string& name);

}  // namespace musegan
