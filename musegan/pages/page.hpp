// A page is one HTML file that holds all it needs: its style, its scripts and its data. It loads nothing, so it can be
// mailed, archived and opened from a disk.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "musegan/pages/markup.hpp"

namespace musegan {

/// A heading, a text below it, facts, what is there without scripts (formulas, tables, lists: elements of markup.hpp,
/// whose words are escaped), and then whatever the page's scripts add to it (addTo of kit/elements.js).
struct PageSection {
    std::string id;  ///< a word of letters, for links and scripts
    std::string heading;
    std::string text{};
    std::vector<PageFact> facts{};
    Markup markup{};
};

/// Text that scripts read by its name (textNamed of kit/elements.js): not shown, and not run where it stands.
struct PageText {
    std::string id;  ///< a word of letters
    std::string text;
};

struct Page {
    std::string title;
    std::string subtitle;
    std::vector<PageFact> figures{};   ///< the few numbers that matter, shown large
    std::vector<std::string> words{};  ///< paragraphs
    std::vector<PageSection> sections{};
    std::vector<std::string> styles{};    ///< files of musegan/pages/, behind kit/style.css, in this order
    std::string script = "kit/theme.js";  ///< the module to begin with (modules.hpp): "profile/profile.js"
    std::string data = "null";            ///< JSON, which kit/elements.js exports as `data`
    /// The module with which a worker of the page begins: "compose/worker.js". It stands in the page as the text
    /// "worker", and only then the policy lets scripts of the page itself run beside it. "" for none.
    std::string worker{};
    std::vector<PageText> texts{};
};

/// JSON text as it may stand between <script> tags: <, > and & occur in its strings alone and are written as \u003c
/// and so on, and U+2028 and U+2029, which end a line of a script, as \u2028 and \u2029.
std::string escape_json(std::string_view json);

/// The whole file. The same page gives the same bytes. Throws tensor::Error for a file that musegan/pages/ has not, and
/// for a text that would end its element.
std::string html(const Page& page);

}  // namespace musegan
