// libFuzzer starts from the seeds of the target: they are written into an empty corpus folder before it is read.
#include <filesystem>
#include <fstream>

#include "tests/fuzz/fuzz_target.hpp"

namespace fs = std::filesystem;

/// Called by libFuzzer with its command line; the first argument that is a folder is the corpus.
extern "C" int LLVMFuzzerInitialize(int* argument_count, char*** arguments) {
    for (int i = 1; i < *argument_count; ++i) {
        const fs::path corpus = (*arguments)[i];
        if (!fs::is_directory(corpus)) continue;
        if (!fs::is_empty(corpus)) return 0;
        int number = 0;
        for (const std::vector<std::uint8_t>& seed : fuzz::seeds()) {
            std::ofstream file(corpus / ("seed" + std::to_string(++number)), std::ios::binary);
            file.write(reinterpret_cast<const char*>(seed.data()), static_cast<std::streamsize>(seed.size()));
        }
        return 0;
    }
    return 0;
}
