// Dependencies point down: the order of the folders and of the rooms in musegan/, held against every #include.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

/// What each folder may include besides itself. A folder below another one is a room of its own if it has a row here.
/// tests/ and bench/ stand on top and may include anything.
const std::map<std::string, std::vector<std::string>> allowed{
    {"tensor", {}},
    {"autograd", {"tensor"}},
    {"layers", {"autograd", "tensor"}},
    {"io", {"tensor"}},
    {"musegan/phrase", {"io", "tensor"}},
    {"musegan/structure", {"musegan/phrase", "io", "tensor"}},
    {"musegan/sources", {"musegan/phrase", "io", "tensor"}},
    {"musegan/data", {"musegan/sources", "musegan/structure", "musegan/phrase", "io", "tensor"}},
    {"musegan/networks", {"musegan/phrase", "layers", "autograd", "io", "tensor"}},
    {"musegan/figures", {"musegan/structure", "musegan/phrase", "io", "tensor"}},
    {"musegan/evaluation", {"musegan/data", "musegan/sources", "musegan/structure", "musegan/phrase", "io", "tensor"}},
    {"musegan/sound", {"musegan/phrase", "io", "tensor"}},
    {"musegan/music",
     {"musegan/sound", "musegan/figures", "musegan/networks", "musegan/data", "musegan/sources", "musegan/structure",
      "musegan/phrase", "layers", "autograd", "io", "tensor"}},
    {"musegan/training",
     {"musegan/music", "musegan/sound", "musegan/evaluation", "musegan/figures", "musegan/networks", "musegan/data",
      "musegan/sources", "musegan/structure", "musegan/phrase", "layers", "autograd", "io", "tensor"}},
    {"musegan/study",
     {"musegan/training", "musegan/music", "musegan/sound", "musegan/evaluation", "musegan/figures", "musegan/networks",
      "musegan/data", "musegan/sources", "musegan/structure", "musegan/phrase", "layers", "autograd", "io", "tensor"}},
    {"musegan/toy",
     {"musegan/training", "musegan/networks", "musegan/figures", "musegan/phrase", "layers", "autograd", "io",
      "tensor"}},
    {"musegan/pages",
     {"musegan/study", "musegan/training", "musegan/music", "musegan/sound", "musegan/evaluation", "musegan/figures",
      "musegan/networks", "musegan/data", "musegan/sources", "musegan/structure", "musegan/phrase", "layers",
      "autograd", "io", "tensor"}},
    {"tools",
     {"musegan/pages", "musegan/toy", "musegan/study", "musegan/training", "musegan/music", "musegan/sound",
      "musegan/evaluation", "musegan/figures", "musegan/networks", "musegan/data", "musegan/sources",
      "musegan/structure", "musegan/phrase", "layers", "autograd", "io", "tensor"}}};

/// The row of `allowed` that a path like "musegan/phrase/tracks.hpp" or "tensor/cpu/gemm.hpp" stands in; "" for none.
std::string room_of(const std::string& path) {
    std::string room;
    for (const auto& [name, below] : allowed)
        if (path.starts_with(name + "/") && name.size() > room.size()) room = name;
    return room;
}

/// "data/song.cpp includes ..." for each include in `text`, the source at `path`, that its room may not have.
std::vector<std::string> faults(const std::string& path, const std::string& text) {
    const std::string room = room_of(path);
    if (room.empty()) return {path + " stands in no room"};
    const std::vector<std::string>& below = allowed.at(room);
    std::vector<std::string> found;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        std::string words;
        for (const char c : line)
            if (c != ' ' && c != '\t') words += c;
        if (!words.starts_with("#include\"") && !words.starts_with("#include<")) continue;
        const std::string target = words.substr(9, words.find_first_of("\">", 9) - 9);
        const std::size_t slash = target.find('/');
        const bool ours =
            slash != std::string::npos && fs::is_directory(fs::path(MUSEGAN_SOURCE_DIR) / target.substr(0, slash));
        if (!ours) continue;
        const std::string to = room_of(target);
        if (to != room && std::find(below.begin(), below.end(), to) == below.end())
            found.push_back(path + " includes " + target);
    }
    return found;
}

bool is_source(const fs::path& path) {
    static const std::vector<std::string> endings{".hpp", ".cpp", ".cuh", ".cu"};
    return std::find(endings.begin(), endings.end(), path.extension()) != endings.end();
}

}  // namespace

TEST_CASE("every include points down: tensor, autograd, layers, io, the rooms of musegan, tools") {
    int files = 0;
    for (const char* folder : {"tensor", "autograd", "layers", "io", "musegan", "tools"}) {
        for (const auto& entry : fs::recursive_directory_iterator(fs::path(MUSEGAN_SOURCE_DIR) / folder)) {
            if (!entry.is_regular_file() || !is_source(entry.path())) continue;
            std::stringstream text;
            text << std::ifstream(entry.path()).rdbuf();
            const std::string path = fs::relative(entry.path(), MUSEGAN_SOURCE_DIR).string();
            for (const std::string& fault : faults(path, text.str())) FAIL_CHECK(fault);
            ++files;
        }
    }
    CHECK(files > 150);
}

TEST_CASE("the check of includes finds what points up, sideways or nowhere") {
    CHECK(faults("layers/dense.cpp", "#include \"autograd/matmul.hpp\"\n#include <vector>\n").empty());
    CHECK(faults("musegan/music/generate.cpp", "#include \"musegan/figures/figures.hpp\"\n").empty());
    CHECK(faults("tensor/cpu/reduce.cpp", "#include \"tensor/cpu/gemm.hpp\"\n").empty());
    CHECK(faults("layers/dense.cpp", "// #include \"tools/commands.hpp\"\n").empty());
    CHECK(faults("tensor/shape.cpp", "#include <io/file.hpp>\n").size() == 1);
    CHECK(
        faults("autograd/grad.cpp", "  # include \"layers/dense.hpp\"\n#include \"musegan/data/song.hpp\"\n").size() ==
        2);
    CHECK(faults("musegan/figures/chart.cpp", "#include \"musegan/training/run.hpp\"\n").size() == 1);
    CHECK(faults("musegan/music/generate.cpp", "#include \"musegan/training/training.hpp\"\n").size() == 1);
    CHECK(faults("musegan/phrase/roll.cpp", "#include \"tests/support/skip.hpp\"\n").size() == 1);
    CHECK(faults("musegan/metrics.cpp", "").size() == 1);
}
