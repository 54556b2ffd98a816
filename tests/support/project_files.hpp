// The files of the project, as git lists them; without git, those of the folder that no build and no student made.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/command.hpp"

namespace support {

/// The folder in which a student answers exercises, and the one that it is copied from.
inline const std::string students_folder = "tests/course/mine", students_original = "tests/course/start";

/// What a file of the student's folder is a copy of; every other path as it is.
inline std::string original_of(const std::string& path) {
    const bool copied = (path + "/").starts_with(students_folder + "/");
    return copied ? students_original + path.substr(students_folder.size()) : path;
}

/// False for what lies in the folder and is not the project's: builds, caches, a student's own copies of exercises.
inline bool is_of_the_project(const std::string& path) {
    static const std::vector<std::string> others{"build", "out", ".cache", ".git", "shared", "__pycache__"};
    if (path.starts_with(students_folder + "/") || path.starts_with("build-")) return false;
    std::istringstream parts(path);
    for (std::string part; std::getline(parts, part, '/');)
        if (std::find(others.begin(), others.end(), part) != others.end()) return false;
    return true;
}

inline std::vector<std::string> files_listed_by_git(const std::filesystem::path& root) {
    const Outcome listed = shell("cd " + quoted(root) +
                                 " && git -c safe.directory='*' -c core.quotePath=false ls-files --cached --others"
                                 " --exclude-standard 2>/dev/null");
    std::vector<std::string> paths;
    std::istringstream lines(listed.output);
    for (std::string line; listed.exit_code == 0 && std::getline(lines, line);)
        if (is_of_the_project(line) && std::filesystem::is_regular_file(root / line)) paths.push_back(line);
    return paths;
}

inline std::vector<std::string> files_found_in(const std::filesystem::path& root) {
    namespace fs = std::filesystem;
    std::vector<std::string> paths;
    for (auto entry = fs::recursive_directory_iterator(root); entry != fs::recursive_directory_iterator(); ++entry) {
        const std::string path = fs::relative(entry->path(), root).generic_string();
        if (entry->is_directory() && !is_of_the_project(path + "/")) entry.disable_recursion_pending();
        if (entry->is_regular_file() && is_of_the_project(path)) paths.push_back(path);
    }
    return paths;
}

/// Paths relative to `root`, sorted.
inline std::vector<std::string> project_files(const std::filesystem::path& root) {
    std::vector<std::string> paths = files_listed_by_git(root);
    if (paths.empty()) paths = files_found_in(root);
    std::sort(paths.begin(), paths.end());
    paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
    return paths;
}

inline std::string file_text(const std::filesystem::path& path) {
    std::stringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
}

/// The pages that say what holds today. Those in bench/results/ are dated records, which nobody edits.
inline bool is_living_page(const std::string& path) {
    return path.ends_with(".md") && !path.starts_with("bench/results/");
}

}  // namespace support
