// Any bytes give a list of ids or a tensor::Error; a list that was read, written and read again is the same.
#include <algorithm>
#include <string>
#include <string_view>

#include "musegan/sources/id_list.hpp"
#include "tensor/error.hpp"
#include "tests/fuzz/fuzz_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    musegan::IdList list;
    try {
        list = musegan::parse_id_list({data, size}, "fuzz");
    } catch (const tensor::Error&) {
        return 0;
    }
    std::string written;
    for (const musegan::Md5& md5 : list.md5s) written += md5.text() + "\n";
    for (const musegan::FileOfSong& pair : list.pairs) written += pair.md5.text() + " " + pair.song.text() + "\n";
    for (const musegan::MsdId& song : list.songs) written += song.text() + "\n";
    fuzz::require(!written.empty(), "a list holds an id");
    fuzz::require(written.size() <= size + 1, "a list holds no more than its text");
    fuzz::require((list.strange_lines > 0) == !list.first_strange.empty(), "the first strange line is told");
    fuzz::require(std::ranges::all_of(list.first_strange, [](unsigned char c) { return c >= 32 && c < 127; }),
                  "a strange line is printable");
    const musegan::IdList again =
        musegan::parse_id_list({reinterpret_cast<const std::uint8_t*>(written.data()), written.size()}, "again");
    fuzz::require(again.md5s == list.md5s && again.pairs == list.pairs && again.songs == list.songs, "ids survive");
    fuzz::require(again.strange_lines == 0, "what was written is a list");
    return 0;
}

std::vector<std::vector<std::uint8_t>> fuzz::seeds() {
    std::vector<std::vector<std::uint8_t>> files;
    for (const std::string_view text :
         {"002fd3a1b4c5d6e7f8091a2b3c4d5e6f    TRAAAGR128F425B14B\nfedcba98765432100123456789abcdef\n",
          "# msd_id, label_num\r\nTRAAAGR128F425B14B    3\r\nTRZZZ9912903CE1234    11\r\n",
          "TRAAAGR128F425B14B,002fd3a1b4c5d6e7f8091a2b3c4d5e6f,0.75\rabc\r",
          "TRAAAGR128F425B14B, TRZZZ9912903CE1234\nTRAAAGR128F425B14B 002fd3a1b4c5d6e7f8091a2b3c4d5e6f "
          "TRZZZ9912903CE1234\n",
          "\xEF\xBB\xBFTRAAAGR128F425B14B # one", "", "\xFF\xFET", "{}"})
        files.emplace_back(text.begin(), text.end());
    return files;
}
