// Code on a page: every path, and every name in it, exists in the project's sources.
#pragma once

#include <algorithm>
#include <cctype>
#include <regex>
#include <string>
#include <vector>

#include "tests/house/known_names.hpp"
#include "tests/house/page_paths.hpp"
#include "tests/house/page_proofs.hpp"
#include "tests/house/project.hpp"
#include "tests/support/markdown.hpp"

namespace house {

class PageWords {
  public:
    PageWords(const Project& project, const KnownNames& known, const support::Page& page)
        : project_(project), known_(known), page_(page) {}

    Findings check() {
        for (const support::Piece& span : page_.spans) check_span(span);
        for (const support::CodeBlock& block : page_.blocks) check_block(block);
        return findings_;
    }

  private:
    void check_span(const support::Piece& span) {
        ++findings_.looked_at;
        if (check_place(span)) return;
        std::istringstream words(span.text);
        for (std::string word; words >> word;) check_word(bare(word), span.line);
    }

    /// "grad.cpp:Sweep::run": the file exists and has the words. False if the span is no such place.
    bool check_place(const support::Piece& span) {
        static const std::regex place("([\\w./-]+\\.(?:hpp|cpp|cuh|cu|h|py|js)):([A-Za-z_~].*)");
        std::smatch match;
        if (!std::regex_match(span.text, match, place)) return false;
        const std::vector<std::string> files = files_of(match[1]);
        if (files.empty()) findings_.fault(page_, span.line, "no file " + match[1].str());
        const std::set<std::string> words = words_of(match[2]);
        const bool any = std::any_of(files.begin(), files.end(), [&](const std::string& file) {
            return std::all_of(words.begin(), words.end(), [&](const std::string& word) { return is_in(word, file); });
        });
        if (!any && !files.empty()) findings_.fault(page_, span.line, match[1].str() + " has no " + match[2].str());
        return true;
    }

    std::vector<std::string> files_of(const std::string& name) const {
        if (name.find('/') == std::string::npos) return paths::named(project_, page_.path, name);
        for (const std::string& path : paths::candidates(page_.path, name))
            if (project_.texts.count(path) > 0) return {path};
        return {};
    }

    bool is_in(const std::string& word, const std::string& file) const {
        const auto files = project_.words.find(word);
        return files != project_.words.end() && files->second.count(file) > 0;
    }

    /// Without the quotation marks, brackets and full stops around it.
    static std::string bare(std::string word) {
        while (!word.empty() && std::string("\"'([<").find(word.front()) != std::string::npos) word.erase(0, 1);
        while (!word.empty() && std::string("\"'])>,;:").find(word.back()) != std::string::npos) word.pop_back();
        return word;
    }

    void check_word(const std::string& word, int line) {
        if (word.empty() || word.find("://") != std::string::npos || word.starts_with("--")) return;
        if (paths::is_path(project_, page_.path, word)) {
            if (!path_exists(project_, known_, page_.path, word))
                findings_.fault(page_, line, "no file or folder " + word);
            return;
        }
        static const std::regex chain("[A-Za-z_][\\w*]*(::~?[A-Za-z_]\\w*)*");
        const std::string code = word.starts_with("-D") ? word.substr(2) : word;
        for (std::sregex_iterator at(code.begin(), code.end(), chain), end; at != end; ++at) {
            const bool number =
                at->position() > 0 && std::isdigit(static_cast<unsigned char>(code[at->position() - 1]));
            if (!number && !name_exists(at->str())) findings_.fault(page_, line, "no source has " + at->str());
        }
    }

    /// Whether the sources have a word, a program that is built is called so, or one file has all words of
    /// "Sweep::run".
    bool name_exists(const std::string& name) const {
        if (project_.programs.names.count(name) > 0) return true;
        std::set<std::string> common;
        bool first = true;
        for (const std::string& word : words_of(name.find('*') == std::string::npos ? name : "")) {
            if (word.size() <= 2) continue;
            const std::set<std::string> files = files_with(word);
            std::set<std::string> both;
            std::set_intersection(common.begin(), common.end(), files.begin(), files.end(),
                                  std::inserter(both, both.end()));
            common = first ? files : both;
            first = false;
        }
        if (name.find('*') != std::string::npos) return !files_like(name).empty() || known_.has(name);
        return first || !common.empty() || known_.has(name);
    }

    /// The files that have a word, or a word like "parse_NAME", or that are named so.
    std::set<std::string> files_with(const std::string& word) const {
        const auto files = project_.words.find(word);
        return files != project_.words.end() ? files->second : files_like(paths::as_pattern(word));
    }

    std::set<std::string> files_like(const std::string& pattern) const {
        std::set<std::string> found;
        for (const auto& [word, files] : project_.words)
            if (matches(pattern, word)) found.insert(files.begin(), files.end());
        for (const auto& [name, path] : project_.by_name)
            if (matches(pattern, name.substr(0, name.find('.')))) found.insert(path);
        return found;
    }

    void check_block(const support::CodeBlock& block) {
        if (block.language == "math") return;
        for (const support::Piece& line : block.lines) {
            ++findings_.looked_at;
            if (block.language == "cpp") {
                check_code(line);
            } else {
                check_shell(line);
            }
        }
    }

    void check_code(const support::Piece& line) {
        const SplitSource split = split_source(line.text);
        for (const std::string& word : words_of(split.code))
            if (!std::isdigit(static_cast<unsigned char>(word[0])) && !name_exists(word))
                findings_.fault(page_, line.line, "no source has " + word);
    }

    /// A command, of which the program and the project's own files are looked at (other words are the user's), or
    /// something that is printed, of which names with an underscore are.
    void check_shell(const support::Piece& line) {
        std::istringstream words(line.text.substr(0, line.text.find(" #")));
        std::string first;
        words >> first;
        while (first.starts_with("MUSEGAN_") && first.find('=') != std::string::npos && words >> first) continue;
        if (is_command(first)) {
            check_program(first, line.line);
            for (std::string word; words >> word;)
                if (is_ours(bare(word))) check_word(bare(word), line.line);
        } else {
            for (const std::string& word : words_of(line.text))
                if (word.find('_', 1) != std::string::npos && !std::isdigit(static_cast<unsigned char>(word[0])) &&
                    !name_exists(word))
                    findings_.fault(page_, line.line, "no source has " + word);
        }
    }

    static bool is_command(const std::string& word) {
        static const std::set<std::string> others{"musegan", "cmake",   "cp",    "ctest",       "git",
                                                  "g++",     "python3", "ninja", "tensorboard", "unzip",
                                                  "apt-get", "sudo",    "pip"};
        static const std::regex path("[a-z][\\w.-]*(/[\\w.-]+)+");
        return others.count(word) > 0 || std::regex_match(word, path);
    }

    /// A script of the project or a program that is built.
    void check_program(const std::string& word, int line) {
        if (word.find('/') == std::string::npos) return;
        const bool exists =
            paths::is_built(word) ? paths::is_program(project_, word) : project_.executables.count(word) > 0;
        if (!exists) findings_.fault(page_, line, "no program " + word);
    }

    /// A path that begins with a folder of the project, or in a build.
    bool is_ours(const std::string& word) const {
        const std::string first = paths::first_part(word);
        const bool has_parts = first.size() < word.size() && word.back() != '/';
        return has_parts && (first.starts_with("build") || project_.folders.count(first) > 0);
    }

    const Project& project_;
    const KnownNames& known_;
    const support::Page& page_;
    Findings findings_;
};

}  // namespace house
