// Names on pages that no source of the project has: other people's, and those of a user's own files. Each row of
// known_names.txt is a name and the reason; a row that no page needs is a fault.
#pragma once

#include <map>
#include <set>
#include <sstream>
#include <string>

namespace house {

class KnownNames {
  public:
    KnownNames() = default;

    /// Lines of a name, blanks and a reason; those that begin with # and empty ones are left out.
    explicit KnownNames(const std::string& text) {
        std::istringstream lines(text);
        for (std::string line; std::getline(lines, line);) {
            if (line.empty() || line[0] == '#') continue;
            const std::size_t end = line.find(' ');
            const std::size_t reason = end == std::string::npos ? end : line.find_first_not_of(' ', end);
            reasons_[line.substr(0, end)] = reason == std::string::npos ? "" : line.substr(reason);
        }
    }

    bool has(const std::string& name) const {
        if (reasons_.count(name) == 0) return false;
        used_.insert(name);
        return true;
    }

    /// The rows that nothing asked for, and those without a reason.
    std::set<std::string> faults() const {
        std::set<std::string> faults;
        for (const auto& [name, reason] : reasons_) {
            if (used_.count(name) == 0) faults.insert(name + " is needed by no page");
            if (reason.empty()) faults.insert(name + " has no reason");
        }
        return faults;
    }

  private:
    std::map<std::string, std::string> reasons_;
    mutable std::set<std::string> used_;
};

}  // namespace house
