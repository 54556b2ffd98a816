// Words of a page that look like paths, and whether the project has such a file or folder.
#pragma once

#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

#include "tests/house/known_names.hpp"
#include "tests/house/page_links.hpp"
#include "tests/house/project.hpp"

namespace house {

namespace paths {

inline bool has_known_ending(const std::string& word) {
    static const std::vector<std::string> endings{
        ".hpp",   ".cpp",  ".cuh",         ".cu",   ".h",   ".py",  ".js",    ".css",  ".html", ".md",
        ".cmake", ".toml", ".txt",         ".sh",   ".png", ".svg", ".pdf",   ".csv",  ".mid",  ".npz",
        ".npy",   ".zip",  ".safetensors", ".json", ".gz",  ".so",  ".jsonl", ".patch"};
    return project::ends_with_any(word, endings);
}

/// Where a path on a page may begin.
inline std::vector<std::string> candidates(const std::string& page, const std::string& word) {
    return {beside(page, word), beside("", word), beside("musegan/", word), beside("tests/", word)};
}

inline std::string first_part(const std::string& word) { return word.substr(0, word.find('/')); }

/// "a.{hpp,cpp}" to "a.hpp" and "a.cpp".
inline std::vector<std::string> alternatives(const std::string& word) {
    const std::size_t open = word.find('{'), close = word.find('}');
    if (open == std::string::npos || close == std::string::npos || close < open) return {word};
    std::vector<std::string> all;
    std::string part;
    for (std::size_t i = open + 1; i <= close; ++i) {
        if (word[i] != ',' && word[i] != '}') {
            part += word[i];
            continue;
        }
        all.push_back(word.substr(0, open) + part + word.substr(close + 1));
        part.clear();
    }
    return all;
}

/// In a build, or among what tools/demo leaves.
inline bool is_built(const std::string& word) {
    return word.starts_with("build/") || word.starts_with("build-") || word.starts_with("out/");
}

/// Whether a word can only be meant as a path: by its ending, or because it begins with a folder of the project.
inline bool is_path(const Project& project, const std::string& page, const std::string& text) {
    const std::string word = alternatives(text)[0];
    if (word[0] == '/' || word.find_first_of("()<>=,;$\"'|") != std::string::npos) return false;
    if (word.find("::") != std::string::npos) return false;
    if (word.find('/') == std::string::npos)
        return word[0] != '.' && (has_known_ending(word) || project.executables.count(beside(page, word)) > 0);
    if (word.find_first_not_of("0123456789/x.") == std::string::npos) return false;
    const std::string first = first_part(word);
    if (word.ends_with("/") || has_known_ending(word) || first == ".." || is_built(word)) return true;
    const std::vector<std::string> folders = candidates(page, first);
    return std::any_of(folders.begin(), folders.end(),
                       [&](const std::string& folder) { return !folder.empty() && project.folders.count(folder) > 0; });
}

/// "tests/FOLDER/NAME_test.cpp" to "tests/*/*_test.cpp": words of capitals stand for what the reader puts there, N for
/// a number.
inline std::string as_pattern(const std::string& word) {
    std::string pattern;
    for (std::size_t i = 0; i < word.size();) {
        std::size_t end = i;
        while (end < word.size() && std::isupper(static_cast<unsigned char>(word[end]))) ++end;
        const bool alone = (i == 0 || !std::isalnum(static_cast<unsigned char>(word[i - 1]))) &&
                           (end == word.size() || !std::isalnum(static_cast<unsigned char>(word[end])));
        if (alone && (end >= i + 2 || (end == i + 1 && word[i] == 'N'))) {
            pattern += '*';
            i = end;
        } else {
            pattern += word[i++];
        }
    }
    return pattern;
}

/// A file or folder of this path, in which `*` stands for anything but a slash.
inline bool any_matches(const Project& project, const std::string& pattern) {
    if (pattern.empty() || project.has(pattern)) return true;
    if (pattern.find('*') == std::string::npos) return false;
    const auto fits = [&](const std::string& path) { return matches(pattern, path, "/"); };
    return std::any_of(project.texts.begin(), project.texts.end(),
                       [&](const auto& file) { return fits(file.first); }) ||
           std::any_of(project.folders.begin(), project.folders.end(), fits);
}

/// The files of this bare name, those of the page's own folder first, then all.
inline std::vector<std::string> named(const Project& project, const std::string& page, const std::string& name) {
    if (project.texts.count(beside(page, name)) > 0) return {beside(page, name)};
    std::vector<std::string> found;
    const auto [begin, end] = project.by_name.equal_range(name);
    for (auto at = begin; at != end; ++at) found.push_back(at->second);
    return found;
}

inline bool bare_name_matches(const Project& project, const std::string& pattern) {
    return std::any_of(project.by_name.begin(), project.by_name.end(),
                       [&](const auto& file) { return matches(pattern, file.first); });
}

/// "build/bin/midi_fuzz", "build-fuzz/bin/NAME": a program that a CMakeLists makes.
inline bool is_program(const Project& project, const std::string& word) {
    const std::string pattern = as_pattern(word.substr(word.rfind('/') + 1));
    return std::any_of(project.programs.names.begin(), project.programs.names.end(),
                       [&](const std::string& name) { return matches(pattern, name); });
}

/// What a build or a command leaves behind: a program, or a path of which a source writes each part.
inline bool is_made(const Project& project, const std::string& word) {
    if (word.starts_with("build") && word.find("/bin/") != std::string::npos) return is_program(project, word);
    if (!is_built(word)) return is_written(project, word.ends_with("/") ? word.substr(0, word.size() - 1) : word);
    std::istringstream parts(word.substr(word.find('/') + 1));
    for (std::string part; std::getline(parts, part, '/');)
        if (part != "bin" && !is_written(project, part)) return false;
    return true;
}

}  // namespace paths

/// Whether what a page calls `word` is a file or folder of the project, or a file that a command makes.
inline bool path_exists(const Project& project, const KnownNames& known, const std::string& page,
                        const std::string& word) {
    const std::vector<std::string> all = paths::alternatives(word);
    return std::all_of(all.begin(), all.end(), [&](const std::string& each) {
        for (const std::string& pattern : {each, paths::as_pattern(each)}) {
            for (const std::string& path : paths::candidates(page, pattern))
                if (!path.empty() && paths::any_matches(project, support::original_of(path))) return true;
            if (pattern.find('/') == std::string::npos && paths::bare_name_matches(project, pattern)) return true;
        }
        return paths::is_made(project, each) || known.has(each);
    });
}

}  // namespace house
