// The named code blocks of a page, for tests that hold a page to what a program prints.
#pragma once

#include <map>
#include <stdexcept>
#include <string>

#include "tests/support/markdown.hpp"
#include "tests/support/project_files.hpp"

namespace support {

/// The blocks between "```text NAME" and "```" of a page of the sources, by name. Throws for two of one name.
inline std::map<std::string, std::string> named_blocks(const std::string& page) {
    const std::string mark = "text ";
    std::map<std::string, std::string> blocks;
    for (const CodeBlock& block : parse_page(page, file_text(std::string(MUSEGAN_SOURCE_DIR) + "/" + page)).blocks) {
        if (!block.language.starts_with(mark)) continue;
        const auto [place, is_new] = blocks.emplace(block.language.substr(mark.size()), "");
        if (!is_new) throw std::runtime_error(page + " has two blocks '" + place->first + "'");
        for (const Piece& line : block.lines) place->second += line.text + "\n";
    }
    return blocks;
}

}  // namespace support
