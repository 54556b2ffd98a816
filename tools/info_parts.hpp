// What `musegan info` is made of: the descriptions that take more than a few lines, and how text from a file is shown.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "musegan/data/dataset.hpp"
#include "musegan/figures/picture.hpp"

namespace tools {

/// Text from a file, safe for a terminal, byte by byte: MIDI names are Latin-1 by custom, and anything may hold
/// escapes. All but printable ASCII becomes a question mark.
std::string printable(std::string text);

/// A text as io::printable_utf8 shows it, in lines of at most `width` characters: broken at blanks, words longer than
/// that anywhere; its own line breaks stay. All blanks are single spaces, and lines have none at their ends. At least
/// one line.
std::vector<std::string> wrapped(std::string_view text, std::size_t width);

/// Prints "  name   text", made printable, the text in as many lines as it needs, at most 20 of them.
void print_note(std::string_view name, std::string_view text);

/// Prints what a dataset holds: phrases, songs, notes on its origin, densities, metrics.
void describe_dataset(const std::filesystem::path& path);
/// Prints what a MIDI file holds, and what it gives as data.
void describe_midi(const std::filesystem::path& path);

/// The same of a file of pypianoroll, and of an array of phrases.
void describe_multitrack(std::span<const std::uint8_t> bytes, const std::filesystem::path& path);
void describe_array(std::span<const std::uint8_t> bytes, const std::filesystem::path& path);

/// Some phrases of a dataset as one picture.
struct SheetOptions {
    std::string png;            ///< the path to write, which ends in .png; empty takes ./NAME.phrases.png
    std::uint64_t seed = 0;     ///< which phrases
    std::int64_t phrases = 16;  ///< how many, at most musegan::most_in_picture
};

/// The numbers of `count` different phrases of `all`, or of all where there are fewer, in rising order: the first ones
/// of the order that the seed gives (musegan::BatchOrder).
std::vector<std::int64_t> draw_phrases(std::int64_t all, std::int64_t count, std::uint64_t seed);
/// Phrases of a dataset on a sheet somewhat wider than high, each below its own number and that of its song.
musegan::Picture phrase_sheet(const musegan::Dataset& data, std::span<const std::int64_t> phrases);
/// Where the sheet of a file goes. Throws Error for a path that cannot be written or is the file itself.
std::filesystem::path sheet_path(const std::filesystem::path& file, const SheetOptions& options);
/// Draws phrases, writes the sheet and says so.
void write_sheet(const std::filesystem::path& file, const std::filesystem::path& png, const SheetOptions& options);

}  // namespace tools
