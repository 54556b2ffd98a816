// Any bytes give rows of text or a tensor::Error; rows that were read, written and read again are the same.
#include <string>
#include <string_view>

#include "io/csv.hpp"
#include "tensor/error.hpp"
#include "tests/fuzz/fuzz_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::vector<std::vector<std::string>> rows;
    try {
        rows = io::parse_csv(std::string_view(reinterpret_cast<const char*>(data), size), "fuzz");
    } catch (const tensor::Error&) {
        return 0;
    }
    std::string written;
    std::size_t characters = 0;
    for (const auto& row : rows) {
        fuzz::require(!row.empty(), "a row has a field");
        for (const std::string& field : row) characters += field.size();
        written += io::csv_row(row);
    }
    fuzz::require(characters <= size, "fields hold no more than the file");
    fuzz::require(io::parse_csv(written, "again") == rows, "rows survive");
    return 0;
}

std::vector<std::vector<std::uint8_t>> fuzz::seeds() {
    std::vector<std::vector<std::uint8_t>> files;
    for (const std::string_view text :
         {"step,loss\n1,0.5\n2,-3e-05\n", "path,detail\n\"a,b.mid\",\"said \"\"no\"\"\"\n", "a\r\n\"two\nlines\"\r\n",
          "", "\n", "x,,\n"})
        files.emplace_back(text.begin(), text.end());
    return files;
}
