// What a page says of tests: the names that it quotes as proofs, and the patterns of its `-tc=`.
#pragma once

#include <string>
#include <vector>

#include "tests/house/project.hpp"
#include "tests/support/markdown.hpp"

namespace house {

/// "README.md:12: ..." for each thing that is not so, and how many things were looked at.
struct Findings {
    std::vector<std::string> faults;
    int looked_at = 0;

    void fault(const support::Page& page, int line, const std::string& fact) {
        faults.push_back(page.path + ":" + std::to_string(line) + ": " + fact);
    }
};

namespace proofs {

/// A quotation of a test's name, and the test file that stands in parentheses behind it ("" for none).
struct Quotation {
    std::string name, file;
    int line;
};

/// The quotations in "Proof: "name" (`file_test.cpp`); "name"", outside of code.
inline std::vector<Quotation> quotations_of(const support::Italic& italic) {
    std::vector<Quotation> quotations;
    const std::string& masked = italic.masked;
    for (std::size_t begin = masked.find('"'); begin != std::string::npos;) {
        const std::size_t end = masked.find('"', begin + 1);
        if (end == std::string::npos) break;
        Quotation quotation{italic.text.substr(begin + 1, end - begin - 1), "", italic.line};
        if (masked.compare(end + 1, 3, " (\1") == 0) {
            const std::size_t close = italic.text.find('`', end + 4);
            const std::string file = italic.text.substr(end + 4, close - end - 4);
            if (file.ends_with("_test.cpp")) quotation.file = file;
        }
        quotations.push_back(quotation);
        begin = masked.find('"', end + 1);
    }
    return quotations;
}

/// A whole name or its beginning, up to the end of a word; up to anywhere where "..." follows.
inline bool begins(const std::string& name, std::string quoted) {
    const bool open = quoted.ends_with("...");
    if (open) quoted.resize(quoted.find_last_not_of(" .") + 1);
    if (!name.starts_with(quoted)) return false;
    return open || name.size() == quoted.size() || !is_word_char(name[quoted.size()]);
}

inline bool is_quoted(const Project& project, const Quotation& quotation) {
    return std::any_of(project.tests.begin(), project.tests.end(), [&](const TestName& test) {
        const bool here = quotation.file.empty() || ("/" + test.file).ends_with("/" + quotation.file);
        return here && begins(test.name, quotation.name);
    });
}

/// The patterns of -tc="..." in a line of shell, which doctest parts at commas.
inline std::vector<std::string> patterns_of(const std::string& line) {
    std::vector<std::string> patterns;
    for (std::size_t at = line.find("-tc="); at != std::string::npos; at = line.find("-tc=", at + 1)) {
        std::size_t begin = at + 4;
        const char quote = begin < line.size() && (line[begin] == '"' || line[begin] == '\'') ? line[begin] : ' ';
        if (quote != ' ') ++begin;
        const std::string all = line.substr(begin, line.find(quote, begin) - begin);
        std::istringstream parts(all);
        for (std::string part; std::getline(parts, part, ',');) patterns.push_back(part);
    }
    return patterns;
}

/// The folder whose tests a line of shell runs: that of the first build/bin/NAME in it, else "tests/".
inline std::string folder_of(const Project& project, const std::string& line) {
    for (const auto& [program, folder] : project.programs.folders)
        if (stands_in(line, "bin/" + program)) return folder;
    return "tests/";
}

inline void check_patterns(const Project& project, const support::Page& page, const support::Piece& line,
                           Findings& findings) {
    const std::string folder = folder_of(project, line.text);
    for (const std::string& pattern : patterns_of(line.text)) {
        ++findings.looked_at;
        const bool any = std::any_of(project.tests.begin(), project.tests.end(), [&](const TestName& test) {
            return test.file.starts_with(folder) && matches(pattern, test.name);
        });
        if (!any) findings.fault(page, line.line, "no test of " + folder + " is named like \"" + pattern + "\"");
    }
}

}  // namespace proofs

/// Quoted names of tests: in italics that begin with "Proof:" or with a quotation mark.
inline Findings check_proofs(const Project& project, const support::Page& page) {
    Findings findings;
    for (const support::Italic& italic : page.italics) {
        if (!italic.text.starts_with("Proof:") && !italic.text.starts_with("\"")) continue;
        const auto quotations = proofs::quotations_of(italic);
        if (quotations.empty() && italic.text.starts_with("Proof:"))
            findings.fault(page, italic.line, "a proof that quotes no test");
        for (const proofs::Quotation& quotation : quotations) {
            ++findings.looked_at;
            if (!proofs::is_quoted(project, quotation))
                findings.fault(
                    page, quotation.line,
                    "no test \"" + quotation.name + "\"" + (quotation.file.empty() ? "" : " in " + quotation.file));
        }
    }
    return findings;
}

/// The patterns of -tc= in code spans and code blocks.
inline Findings check_patterns(const Project& project, const support::Page& page) {
    Findings findings;
    for (const support::Piece& span : page.spans) proofs::check_patterns(project, page, span, findings);
    for (const support::CodeBlock& block : page.blocks)
        for (const support::Piece& line : block.lines) proofs::check_patterns(project, page, line, findings);
    return findings;
}

}  // namespace house
