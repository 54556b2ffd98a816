// Which files a list of folders holds.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace musegan {

struct FoundFile {
    std::filesystem::path path;
    std::string problem;  ///< why this path (a folder, mostly) cannot be read; empty for a file to be tried
};

/// All .mid, .midi and .kar files (any case) below `inputs`, links to folders not followed, sorted by path
/// and each once, whatever order the file system lists them in. A file named directly is taken whatever its
/// ending. A folder that cannot be listed becomes an entry with a problem. Throws Error for no input or a
/// path that does not exist.
std::vector<FoundFile> find_midi_files(const std::vector<std::filesystem::path>& inputs);

}  // namespace musegan
