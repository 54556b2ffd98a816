// The commands on a page, and whether their subcommands and options exist. Nothing of a page is run.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/house/page_paths.hpp"
#include "tests/house/page_proofs.hpp"
#include "tests/house/project.hpp"
#include "tests/support/markdown.hpp"

namespace tools_tests {

/// The options that help texts list, by subcommand; those of `musegan` itself at "".
using Options = std::map<std::string, std::set<std::string>>;

/// The subcommands below "Subcommands:".
inline std::vector<std::string> subcommands_of(const std::string& help) {
    std::vector<std::string> names;
    std::istringstream lines(help.substr(std::min(help.size(), help.find("Subcommands:"))));
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with("  ") && line[2] != ' ') names.push_back(line.substr(2, line.find(' ', 2) - 2));
    return names;
}

/// The options with which lines of a help begin: "-h,--help   ..." has two.
inline std::set<std::string> options_of(const std::string& help) {
    std::set<std::string> options;
    std::istringstream lines(help);
    for (std::string line; std::getline(lines, line);) {
        const std::size_t begin = line.find_first_not_of(' ');
        if (begin == std::string::npos || begin == 0 || line[begin] != '-') continue;
        std::istringstream names(line.substr(begin, line.find_first_of(" =", begin) - begin));
        for (std::string name; std::getline(names, name, ',');) options.insert(name);
    }
    return options;
}

struct Command {
    std::vector<std::string> words;
    int line;
};

/// The commands of a line of shell, parted at |, &&, ; and >, without comments; quotation marks are taken off.
inline std::vector<Command> commands_of(const support::Piece& line) {
    std::vector<Command> commands{{{}, line.line}};
    std::string word;
    char quote = 0;
    const auto end_word = [&] {
        if (!word.empty()) commands.back().words.push_back(word);
        word.clear();
    };
    for (const char c : line.text) {
        if (quote != 0) {
            if (c != quote) word += c;
            if (c == quote) quote = 0;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '#' && word.empty()) {
            break;
        } else if (c == ' ') {
            end_word();
        } else if (c == '|' || c == '&' || c == ';' || c == '>') {
            end_word();
            commands.push_back({{}, line.line});
        } else {
            word += c;
        }
    }
    end_word();
    return commands;
}

/// The lines of a block, those that end with a backslash joined with the next.
inline std::vector<support::Piece> whole_lines(const support::CodeBlock& block) {
    std::vector<support::Piece> lines;
    bool goes_on = false;
    for (support::Piece line : block.lines) {
        const bool more = line.text.ends_with("\\");
        if (more) line.text.back() = ' ';
        if (goes_on) {
            lines.back().text += line.text;
        } else {
            lines.push_back(line);
        }
        goes_on = more;
    }
    return lines;
}

class PageCommands {
  public:
    PageCommands(const house::Project& project, const Options& musegan, const support::Page& page)
        : project_(project), musegan_(musegan), page_(page) {}

    house::Findings check() {
        for (const support::CodeBlock& block : page_.blocks)
            if (block.language != "cpp" && block.language != "math")
                for (const support::Piece& line : whole_lines(block))
                    for (const Command& command : commands_of(line)) check(command, false);
        for (const support::Piece& span : page_.spans)
            for (const Command& command : commands_of(span)) check(command, true);
        return findings_;
    }

  private:
    void check(Command command, bool span) {
        std::vector<std::string>& words = command.words;
        while (!words.empty() && (words[0].find('=') != std::string::npos || words[0] == "python3") &&
               words[0][0] != '-')
            words.erase(words.begin());
        if (words.empty()) return;
        const std::string program = words[0].substr(words[0].rfind('/') + 1);
        if (program == "musegan" || program == "musegan_standin") {
            words.erase(words.begin());
            check_musegan(command);
        } else if (span && words.size() > 1 && musegan_.count(words[0]) > 0 && words[1][0] == '-') {
            check_musegan(command);  // `train --condition TRACK`
        } else if (!sources_of(words[0]).empty()) {
            check_options(command, sources_of(words[0]));
        } else if (span && words[0].starts_with("--")) {
            check_alone(command);
        }
        // A script elsewhere, as bench/compare, means networks by that word.
        const bool sets_up =
            !words.empty() && words[0].starts_with("tools/") && project_.executables.count(words[0]) > 0;
        if (sets_up || program == "cmake" || program == "ctest") check_preset(command);
        if (!words.empty()) check_targets(command, program);
    }

    /// The words behind --target, and those of tools/setup and ninja that are no option's value.
    void check_targets(const Command& command, const std::string& program) {
        const std::vector<std::string>& words = command.words;
        const bool any = program == "ninja" || words[0] == "tools/setup";
        for (std::size_t i = 1; i < words.size(); ++i) {
            const bool behind = words[i - 1] == "--target";
            const bool value = words[i - 1] == "--preset" || words[i - 1] == "-C" || is_option(words[i]);
            if (!behind && (!any || value)) continue;
            ++findings_.looked_at;
            if (project_.programs.targets.count(words[i]) == 0)
                findings_.fault(page_, command.line, "no target " + words[i]);
        }
    }

    static bool is_option(const std::string& word) {
        const bool letter = word.size() > 1 && std::isalpha(static_cast<unsigned char>(word[1]));
        return word.size() > 1 && word[0] == '-' && (letter || (word[1] == '-' && word.size() > 2));
    }

    static std::string name_of(const std::string& option) { return option.substr(0, option.find('=')); }

    void check_musegan(const Command& command) {
        const std::vector<std::string>& words = command.words;
        std::string subcommand;
        if (!words.empty() && !is_option(words[0])) subcommand = words[0];
        const auto known = musegan_.find(subcommand);
        ++findings_.looked_at;
        if (known == musegan_.end()) {
            findings_.fault(page_, command.line, "musegan has no subcommand " + subcommand);
            return;
        }
        for (const std::string& word : words) {
            if (!is_option(word)) continue;
            ++findings_.looked_at;
            if (known->second.count(name_of(word)) == 0)
                findings_.fault(page_, command.line, "musegan " + subcommand + " has no option " + name_of(word));
        }
    }

    /// The texts in which a program's options stand: a script's own, those of bench/ for its programs.
    std::string sources_of(const std::string& word) const {
        for (const std::string& path : house::paths::candidates(page_.path, word)) {
            const bool script = project_.executables.count(path) > 0 || path.ends_with(".py");
            if (script && project_.texts.count(path) > 0) return project_.texts.at(path);
        }
        const std::string program = word.substr(word.rfind('/') + 1);
        const bool test = project_.programs.folders.count(program) > 0;  // whose options are doctest's
        return project_.programs.names.count(program) > 0 && !test ? bench_sources() : "";
    }

    std::string bench_sources() const {
        std::string all;
        for (const auto& [path, text] : project_.literals)
            if (path.starts_with("bench/")) all += text;
        return all;
    }

    void check_options(const Command& command, const std::string& source) {
        for (std::size_t i = 1; i < command.words.size(); ++i) {
            if (!is_option(command.words[i])) continue;
            ++findings_.looked_at;
            const std::string option = name_of(command.words[i]);
            if (!house::stands_in(source, option, "-") && !option.starts_with("--benchmark_"))
                findings_.fault(page_, command.line, command.words[0] + " has no option " + option);
        }
    }

    /// Options without a command, `--seed 1`: of any subcommand, script or program of bench/.
    void check_alone(const Command& command) {
        for (const std::string& word : command.words) {
            if (!is_option(word)) continue;
            ++findings_.looked_at;
            const std::string option = name_of(word);
            const bool of_musegan = std::any_of(musegan_.begin(), musegan_.end(),
                                                [&](const auto& each) { return each.second.count(option) > 0; });
            if (!of_musegan && !of_a_script(option) && !option.starts_with("--benchmark_"))
                findings_.fault(page_, command.line, "nothing has an option " + option);
        }
    }

    bool of_a_script(const std::string& option) const {
        if (house::stands_in(bench_sources(), option, "-")) return true;
        return std::any_of(project_.executables.begin(), project_.executables.end(), [&](const std::string& path) {
            return project_.literals.count(path) > 0 && house::stands_in(project_.literals.at(path), option, "-");
        });
    }

    /// The name behind --preset of CMake's commands and of tools/setup.
    void check_preset(const Command& command) {
        const auto at = std::find(command.words.begin(), command.words.end(), "--preset");
        if (at == command.words.end() || at + 1 == command.words.end()) return;
        ++findings_.looked_at;
        const auto presets = project_.literals.find("CMakePresets.json");
        const std::string row = "\"name\": \"" + *(at + 1) + "\"";
        if (presets == project_.literals.end() || presets->second.find(row) == std::string::npos)
            findings_.fault(page_, command.line, "CMakePresets.json has no " + *(at + 1));
    }

    const house::Project& project_;
    const Options& musegan_;
    const support::Page& page_;
    house::Findings findings_;
};

}  // namespace tools_tests
