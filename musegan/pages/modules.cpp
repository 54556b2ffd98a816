#include "musegan/pages/modules.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <vector>

#include "musegan/pages/page_texts.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

/// What stands between two quotes before the end of an import: './rows.js' of "import {rows} from './rows.js';".
std::optional<std::string_view> imported_path(std::string_view line) {
    const std::size_t begin = line.find('\'');
    if (begin == std::string_view::npos || !line.ends_with("';") || line.size() < begin + 3) return std::nullopt;
    const std::string_view words = line.substr(0, begin);
    if (words != "import " && !(words.starts_with("import {") && words.ends_with("} from "))) return std::nullopt;
    if (words.find(" as ") != std::string_view::npos) return std::nullopt;
    return line.substr(begin + 1, line.size() - begin - 3);
}

class Joining {
  public:
    /// Appends a module behind what it imports.
    void add(const std::string& name) {
        if (std::ranges::find(done_, name) != done_.end()) return;
        if (std::ranges::find(open_, name) != open_.end())
            tensor::fail("page", "'{}' imports itself by way of '{}', expected modules in an order", name,
                         open_.back());
        open_.push_back(name);
        std::string own;
        std::string_view text = page_text(name);
        while (!text.empty()) {
            const std::size_t end = std::min(text.find('\n'), text.size() - 1);
            std::string_view line = text.substr(0, end);
            text.remove_prefix(end + 1);
            if (line.starts_with("import ")) {
                add(path_of(line, name));
                continue;
            }
            if (line.starts_with("export ")) line.remove_prefix(std::string_view("export ").size());
            own.append(line) += '\n';
        }
        open_.pop_back();
        done_.push_back(name);
        joined += own;
    }

    std::string joined;

  private:
    static std::string path_of(std::string_view line, const std::string& importer) {
        const auto path = imported_path(line);
        if (!path)
            tensor::fail("page", "'{}' has the line '{}', expected import {{name}} from './file.js';", importer, line);
        return (std::filesystem::path(importer).parent_path() / *path).lexically_normal().generic_string();
    }

    std::vector<std::string> done_, open_;  ///< open: on the way from the entry to the module that is read
};

}  // namespace

std::string joined_modules(std::string_view entry) {
    Joining joining;
    joining.add(std::string(entry));
    return joining.joined;
}

}  // namespace musegan
