// The rooms of musegan/ share one namespace, where two types of one name are one for the linker: it keeps a single copy
// of their members and says nothing.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <string>

namespace {

namespace fs = std::filesystem;

/// The types that a header defines at the outermost level, to the line of their definition.
std::map<std::string, std::string> types_of(std::istream& header) {
    static const std::regex definition("^(struct|class|enum class) ([A-Za-z0-9_]+)[^;{]*\\{");
    std::map<std::string, std::string> types;
    std::smatch match;
    for (std::string line; std::getline(header, line);)
        if (std::regex_search(line, match, definition)) types.emplace(match[2], line);
    return types;
}

}  // namespace

TEST_CASE("no two headers of musegan/ define types of one name") {
    std::map<std::string, std::string> places;
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(MUSEGAN_SOURCE_DIR) / "musegan")) {
        if (entry.path().extension() != ".hpp") continue;
        std::ifstream header(entry.path());
        for (const auto& [name, line] : types_of(header)) {
            const auto [first, is_new] = places.emplace(name, entry.path().string());
            if (!is_new) FAIL_CHECK(first->second, " and ", entry.path().string(), " define ", name);
        }
    }
    CHECK(places.size() > 80);
}
