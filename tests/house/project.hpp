// What a page may name: the project's files and folders, the words of its sources, its programs and its tests.
#pragma once

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/house/cmake_programs.hpp"
#include "tests/house/source_words.hpp"
#include "tests/support/project_files.hpp"

namespace house {

struct TestName {
    std::string name, file;
};

struct Project {
    std::map<std::string, std::string> texts;  ///< by path; "" for pictures, arrays and the like
    std::set<std::string> executables, folders;
    std::multimap<std::string, std::string> by_name;     ///< the last part of a path to the path
    std::map<std::string, std::set<std::string>> words;  ///< a word of the sources to the files that have it
    std::map<std::string, std::string> literals, pages;  ///< by path
    Programs programs;
    std::vector<TestName> tests;

    bool has(const std::string& path) const { return texts.count(path) > 0 || folders.count(path) > 0; }
};

/// Whether `text` is what the pattern says, in which `*` stands for any characters but those of `barrier`.
inline bool matches(const std::string& pattern, const std::string& text, const std::string& barrier = "") {
    if (pattern.empty()) return text.empty();
    if (pattern[0] != '*')
        return !text.empty() && pattern[0] == text[0] && matches(pattern.substr(1), text.substr(1), barrier);
    const std::string rest = pattern.substr(1);
    for (std::size_t taken = 0;; ++taken) {
        if (matches(rest, text.substr(taken), barrier)) return true;
        if (taken == text.size() || barrier.find(text[taken]) != std::string::npos) return false;
    }
}

namespace project {

inline bool ends_with_any(const std::string& path, const std::vector<std::string>& endings) {
    return std::any_of(endings.begin(), endings.end(), [&](const std::string& end) { return path.ends_with(end); });
}

inline bool is_cpp(const std::string& path) { return ends_with_any(path, {".hpp", ".cpp", ".cuh", ".cu", ".h"}); }

/// A source in another language: all of its text counts, as code and as what a program may print or write.
inline bool is_other_source(const std::string& path, const std::string& text) {
    return ends_with_any(path, {".py", ".cmake", ".cmake.in", "CMakeLists.txt", "CMakePresets.json", ".toml", ".js",
                                ".css", ".html"}) ||
           text.starts_with("#!");
}

/// The checks of pages and their tests name what does not exist, so their words count for nothing.
inline bool is_of_the_checks(const std::string& path) {
    return path.starts_with("tests/house/readme") || path.starts_with("tests/tools/readme");
}

}  // namespace project

/// Adds a file of the project. Its folder is noted as existing, too.
inline void add_file(Project& to, const std::string& path, const std::string& text) {
    to.texts[path];
    to.by_name.emplace(path.substr(path.rfind('/') + 1), path);
    for (std::size_t at = path.find('/'); at != std::string::npos; at = path.find('/', at + 1))
        to.folders.insert(path.substr(0, at));
    if (path.ends_with(".md")) to.pages[path] = text;
    if (path.ends_with("CMakeLists.txt")) add_programs(path.substr(0, path.rfind('/') + 1), text, to.programs);
    if (project::is_of_the_checks(path)) return;
    if (project::is_cpp(path)) {
        SplitSource split = split_source(text);
        for (const std::string& word : words_of(split.code + split.literals)) to.words[word].insert(path);
        to.texts[path] = split.code + split.literals;
        to.literals[path] = std::move(split.literals);
        if (path.starts_with("tests/"))
            for (const std::string& name : test_names_of(text)) to.tests.push_back({name, path});
    } else if (project::is_other_source(path, text)) {
        for (const std::string& word : words_of(text)) to.words[word].insert(path);
        to.texts[path] = to.literals[path] = text;
    }
}

/// The project that lies in the folder `root`.
inline Project read_project(const std::filesystem::path& root) {
    namespace fs = std::filesystem;
    static const std::vector<std::string> data{".png", ".safetensors", ".mid", ".npz", ".npy", ".pdf", ".svg"};
    Project read;
    for (const std::string& path : support::project_files(root)) {
        add_file(read, path, project::ends_with_any(path, data) ? "" : support::file_text(root / path));
        const bool runs = (fs::status(root / path).permissions() & fs::perms::owner_exec) != fs::perms::none;
        if (runs) read.executables.insert(path);
    }
    return read;
}

/// Whether a program or a source may print or write this word: it stands in a string literal.
inline bool is_written(const Project& project, const std::string& word) {
    return std::any_of(project.literals.begin(), project.literals.end(),
                       [&](const auto& file) { return stands_in(file.second, word, "-"); });
}

}  // namespace house
