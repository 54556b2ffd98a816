// How the Lakh sets call a file and a song: a file by the MD5 of its bytes, a song by its number in the Million Song
// Dataset (MSD). A song has several files, and a file may be matched to several songs.
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace musegan {

/// An MD5, which is 32 hex digits in text.
struct Md5 {
    std::array<std::uint8_t, 16> bytes{};
    auto operator<=>(const Md5&) const = default;
    std::string text() const;
};

/// A song of the MSD: "TR" and these 16 upper-case letters or digits in text.
struct MsdId {
    std::array<char, 16> letters{};
    auto operator<=>(const MsdId&) const = default;
    std::string text() const;
};

/// The MD5 that a text is, in upper or lower case; none if it is another text.
std::optional<Md5> md5_of(std::string_view text);
/// The song that a text is; none if it is another text.
std::optional<MsdId> msd_id_of(std::string_view text);

/// What the name of a file says of it.
struct NamedIds {
    std::optional<Md5> md5;     ///< the name without its folders and ending
    std::optional<MsdId> song;  ///< the innermost folder that is one
};
/// The ids in a path with slashes, be it on disk or inside an archive: "lmd.zip/T/R/A/TRAAAGR128F425B14B/1d9d16.mid".
NamedIds ids_of_name(std::string_view name);

/// Sorts ids and keeps each once.
template <typename T>
void sort_once(std::vector<T>& ids) {
    std::ranges::sort(ids);
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    ids.shrink_to_fit();
}

/// The part of a text from outside that fits into a message: its first 40 characters, in which all that is not
/// printable ASCII is a question mark, and dots where it is longer.
std::string excerpt(std::string_view text);

}  // namespace musegan
