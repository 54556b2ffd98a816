// Links of a page to other pages, files and pictures of the project, and to headings.
#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/house/page_proofs.hpp"
#include "tests/house/project.hpp"
#include "tests/support/markdown.hpp"

namespace house {

/// "tensor/cuda/README.md" and "../shape.hpp" to "tensor/shape.hpp"; without a slash at the end.
inline std::string beside(const std::string& page, const std::string& target) {
    namespace fs = std::filesystem;
    std::string path = (fs::path(page).parent_path() / target).lexically_normal().generic_string();
    if (path.ends_with("/")) path.pop_back();
    return path == "." ? "" : path;
}

/// Each target exists beside the page; an anchor is one of a heading of its page. Addresses of the web are left alone.
inline Findings check_links(const Project& project, const support::Page& page) {
    Findings findings;
    for (const support::Piece& link : page.links) {
        if (link.text.find("://") != std::string::npos || link.text.starts_with("mailto:")) continue;
        ++findings.looked_at;
        const std::size_t hash = link.text.find('#');
        const std::string file = link.text.substr(0, hash);
        const std::string path = file.empty() ? page.path : beside(page.path, file);
        if (!path.empty() && !project.has(path)) {
            findings.fault(page, link.line, "a link to " + file + ", which does not exist");
        } else if (hash != std::string::npos) {
            const auto target = project.pages.find(path);
            const std::string anchor = link.text.substr(hash + 1);
            const std::vector<std::string> anchors =
                target == project.pages.end() ? std::vector<std::string>{}
                                              : support::anchors_of(support::parse_page(path, target->second));
            if (std::find(anchors.begin(), anchors.end(), anchor) == anchors.end())
                findings.fault(page, link.line, "a link to #" + anchor + ", which is no heading of " + path);
        }
    }
    return findings;
}

}  // namespace house
