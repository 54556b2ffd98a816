// A folder's page names its files: every header and every script beside it.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "tests/house/page_paths.hpp"
#include "tests/house/page_proofs.hpp"
#include "tests/house/project.hpp"
#include "tests/support/markdown.hpp"

namespace house {

namespace listing {

/// "tensor/shape.hpp" and "shape.cpp:Shape" to "shape".
inline std::string stem_of(const std::string& word) {
    const std::string name = word.substr(word.rfind('/') + 1);
    return name.substr(0, name.find_first_of(".:"));
}

/// The names of files in a page's code, as patterns without their endings: "conv3d_*", "midi_reader", "shape".
inline std::vector<std::string> patterns_of(const support::Page& page) {
    std::vector<std::string> patterns;
    for (const support::Piece& span : page.spans) {
        std::istringstream words(span.text);
        for (std::string word; words >> word;)
            for (const std::string& each : paths::alternatives(word))
                patterns.push_back(paths::as_pattern(stem_of(each)));
    }
    patterns.erase(std::remove(patterns.begin(), patterns.end(), "*"), patterns.end());
    return patterns;
}

inline bool is_listed_kind(const Project& project, const std::string& path) {
    return project::ends_with_any(path, {".hpp", ".cuh", ".h"}) || project.executables.count(path) > 0;
}

}  // namespace listing

/// The headers and scripts beside a README.md that it does not name, with or without their ending.
inline Findings check_listing(const Project& project, const support::Page& page) {
    Findings findings;
    if (!page.path.ends_with("README.md")) return findings;
    const std::string folder = page.path.substr(0, page.path.size() - std::string("README.md").size());
    const std::vector<std::string> patterns = listing::patterns_of(page);
    for (const auto& [path, text] : project.texts) {
        const std::string name = path.substr(std::min(path.size(), folder.size()));
        if (!path.starts_with(folder) || name.find('/') != std::string::npos) continue;
        if (!listing::is_listed_kind(project, path)) continue;
        ++findings.looked_at;
        const bool named = std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
            return matches(pattern, listing::stem_of(name));
        });
        if (!named) findings.fault(page, 1, "does not name " + name);
    }
    return findings;
}

}  // namespace house
