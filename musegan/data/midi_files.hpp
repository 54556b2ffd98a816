// Which files a list of folders holds.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace musegan {

struct FoundFile {
    std::filesystem::path path;
    std::string problem;  ///< why this path (mostly a folder) cannot be read; empty for a file that can be tried
};

/// All .mid, .midi and .kar files (any case) below `inputs`, sorted by path and each once, whatever order the file
/// system lists them in. Links to folders are not followed. A file named directly is taken whatever its ending. A
/// folder that cannot be listed becomes an entry with a problem. Throws Error for no input or a path that does not
/// exist. `looking` is called every now and then with the files found; throwing from it ends the search.
std::vector<FoundFile> find_midi_files(const std::vector<std::filesystem::path>& inputs,
                                       const std::function<void(std::int64_t)>& looking = {});

}  // namespace musegan
