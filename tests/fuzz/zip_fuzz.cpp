// Any bytes give a ZIP directory or a tensor::Error; entries that were read lie in the file, and archives of ours list
// what was put into them.
#include <set>

#include "io/zip.hpp"
#include "tensor/error.hpp"
#include "tests/fuzz/fuzz_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::vector<io::ZipEntry> entries;
    try {
        entries = io::read_zip_directory({data, size}, "fuzz");
    } catch (const tensor::Error&) {
        return 0;
    }
    std::set<std::string> names;
    io::ZipWriter writer;
    std::size_t letters = 0;
    for (const io::ZipEntry& entry : entries) {
        fuzz::require(entry.packed_bytes >= 0 && entry.bytes >= 0, "lengths are not negative");
        fuzz::require(static_cast<std::size_t>(entry.packed_bytes) <= size, "an entry lies in the file");
        letters += entry.name.size();
        try {
            writer.add(entry.name, entry.name);
            names.insert(entry.name);
        } catch (const tensor::Error&) {  // the reader takes names that the writer does not
        }
    }
    fuzz::require(letters + 46 * entries.size() <= size, "the directory lies in the file");
    const auto again = io::read_zip_directory(writer.serialize(), "again");
    fuzz::require(again.size() == names.size(), "entries survive");
    for (const io::ZipEntry& entry : again) {
        fuzz::require(names.contains(entry.name), "names survive");
        fuzz::require(entry.bytes == static_cast<std::int64_t>(entry.name.size()), "lengths survive");
    }
    return 0;
}

std::vector<std::vector<std::uint8_t>> fuzz::seeds() {
    io::ZipWriter small, large;
    small.add("x", "y");
    for (int k = 0; k < 5; ++k) large.add("roll_" + std::to_string(k) + ".npy", std::string(200, 'r'));
    large.add("info.json", "{}");
    return {small.serialize(), large.serialize(), io::ZipWriter().serialize()};
}
