#include "musegan/sources/id_list.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "io/file.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

using namespace std::string_view_literals;

constexpr std::int64_t max_list_bytes = std::int64_t{64} << 20;
constexpr std::size_t max_line_bytes = 4096;
constexpr const char* expected_line =
    "expected an MD5 (32 hex digits), an MSD id (TR and 16 letters or digits) or both";
constexpr const char* expected_of_several = "expected ids of one kind, or one MD5 and its song";
constexpr std::string_view utf8_mark = "\xEF\xBB\xBF";

/// What a file that is no text begins with, the longer of two that begin alike first.
struct Mark {
    std::string_view bytes;
    const char* meaning;
};
constexpr std::array marks{Mark{"\xFF\xFE\0\0"sv, "UTF-32, little endian"},
                           Mark{"\0\0\xFE\xFF"sv, "UTF-32, big endian"},
                           Mark{"\xFF\xFE"sv, "UTF-16, little endian"},
                           Mark{"\xFE\xFF"sv, "UTF-16, big endian"},
                           Mark{"PK\x03\x04"sv, "a ZIP archive"},
                           Mark{"\x1F\x8B"sv, "compressed by gzip"},
                           Mark{"BZh"sv, "compressed by bzip2"},
                           Mark{"\xFD"
                                "7zXZ"sv,
                                "compressed by xz"},
                           Mark{"\x89PNG"sv, "a picture"},
                           Mark{"MThd"sv, "a MIDI file"}};

/// UTF-16 without a mark has, in a list of ids, a zero in every other place.
const char* meaning_of_zero(std::string_view text) {
    const std::string_view start = text.substr(0, 64);
    std::array<std::size_t, 2> zeros{};
    for (std::size_t i = 0; i < start.size(); ++i) zeros[i % 2] += start[i] == '\0';
    if (zeros[0] == 0 && zeros[1] == start.size() / 2) return "UTF-16, little endian, without a mark";
    if (zeros[1] == 0 && zeros[0] == (start.size() + 1) / 2) return "UTF-16, big endian, without a mark";
    return "binary: it has a byte of zero";
}

void require_text(std::string_view text, const std::string& name) {
    const char* meaning = nullptr;
    for (const Mark& mark : marks)
        if (!meaning && text.starts_with(mark.bytes)) meaning = mark.meaning;
    if (!meaning && text.find('\0') != text.npos) meaning = meaning_of_zero(text);
    if (meaning)
        tensor::fail(name, "is {}, expected a list of ids in plain text (ASCII or UTF-8), one per line", meaning);
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first != text.npos && text[first] == '{')
        tensor::fail(name,
                     "begins as JSON does, expected a list of ids, one per line (match_scores.json is given by "
                     "an option of its own)");
}

/// The next word of a line, which is cut off it; empty at the end and where a comment begins.
std::string_view next_word(std::string_view& line) {
    constexpr std::string_view blanks = " \t,\v\f";
    line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
    const std::string_view word = line.substr(0, line.find_first_of(" \t,\v\f#"));
    line.remove_prefix(word.size());
    return word;
}

/// The ids that a line has, in its order.
struct LineIds {
    std::vector<Md5> md5s;
    std::vector<MsdId> songs;
};

/// Those of a line whose first word is an id: all that are words of it. Of another line none.
LineIds ids_of_line(std::string_view line) {
    LineIds ids;
    for (std::string_view word = next_word(line); !word.empty(); word = next_word(line)) {
        if (const std::optional<Md5> md5 = md5_of(word)) ids.md5s.push_back(*md5);
        else if (const std::optional<MsdId> song = msd_id_of(word)) ids.songs.push_back(*song);
        else if (ids.md5s.empty() && ids.songs.empty()) break;
    }
    return ids;
}

/// Takes a list line by line.
class ListReader {
  public:
    explicit ListReader(const std::string& name) { list_.name = name; }

    void take(std::string_view line);
    IdList finish();

  private:
    [[noreturn]] void refuse_mixture(const char* found, const char* before) const {
        tensor::fail(list_.name, "line {}: {} in a list of {}, expected a list of one kind (part it into two)", line_,
                     found, before);
    }
    void count_strange(const std::string& fact) {
        if (list_.strange_lines++ == 0) list_.first_strange = fmt::format("line {}: {}", line_, fact);
    }

    IdList list_;
    std::int64_t line_ = 0;
};

void ListReader::take(std::string_view line) {
    ++line_;
    if (line.size() > max_line_bytes)
        tensor::fail(list_.name, "line {}: {} bytes long, expected a list with one id per line, at most {} bytes",
                     line_, line.size(), max_line_bytes);
    std::string_view rest = line;
    if (next_word(rest).empty()) return;
    const LineIds ids = ids_of_line(line);
    const std::size_t count = ids.md5s.size() + ids.songs.size();
    if (count == 0) return count_strange(fmt::format("'{}', {}", excerpt(line), expected_line));
    if (!ids.md5s.empty() && !ids.songs.empty() && count > 2)
        return count_strange(fmt::format("'{}', {} ids, {}", excerpt(line), count, expected_of_several));
    if (ids.md5s.empty()) {
        if (!list_.md5s.empty() || !list_.pairs.empty()) refuse_mixture("a song without an MD5", "files");
        list_.songs.insert(list_.songs.end(), ids.songs.begin(), ids.songs.end());
        return;
    }
    if (!list_.songs.empty()) refuse_mixture("an MD5", "songs");
    if (!ids.songs.empty()) list_.pairs.push_back({ids.md5s.front(), ids.songs.front()});
    else list_.md5s.insert(list_.md5s.end(), ids.md5s.begin(), ids.md5s.end());
}

IdList ListReader::finish() {
    if (list_.md5s.empty() && list_.pairs.empty() && list_.songs.empty()) {
        if (list_.strange_lines > 0) tensor::fail(list_.name, "no line says an id; {}", list_.first_strange);
        tensor::fail(list_.name, "holds no line but empty ones and comments, {}", expected_line);
    }
    sort_once(list_.md5s);
    sort_once(list_.pairs);
    sort_once(list_.songs);
    return std::move(list_);
}

}  // namespace

std::vector<Md5> IdList::files() const {
    std::vector<Md5> files = md5s;
    for (const FileOfSong& pair : pairs) files.push_back(pair.md5);
    sort_once(files);
    return files;
}

IdList read_id_list(const std::filesystem::path& path) {
    return parse_id_list(io::read_file(path, max_list_bytes), path.string());
}

IdList parse_id_list(std::span<const std::uint8_t> bytes, const std::string& name) {
    std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (text.empty()) tensor::fail(name, "is empty, expected a list of ids, one per line");
    require_text(text, name);
    if (text.starts_with(utf8_mark)) text.remove_prefix(utf8_mark.size());
    ListReader reader(name);
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
        reader.take(text.substr(0, end));
        text.remove_prefix(end);
        if (text.starts_with("\r\n")) text.remove_prefix(2);
        else if (!text.empty()) text.remove_prefix(1);
    }
    return reader.finish();
}

}  // namespace musegan
