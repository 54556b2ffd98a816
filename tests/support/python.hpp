// Other readers of our files, and other readers of files that we read: Python libraries, where there are any.
#pragma once

#include <cstdlib>
#include <string>

#include "tests/support/command.hpp"

namespace support {

inline constexpr const char* no_numpy =
    "no Python with numpy (pip install numpy; MUSEGAN_PYTHON names another than python3)";

/// A Python that imports `module`, quoted for a shell: $MUSEGAN_PYTHON, or python3. Empty where there is none.
inline std::string python_with(const std::string& module) {
    const char* const variable = std::getenv("MUSEGAN_PYTHON");
    const std::string python = quoted(variable ? variable : "python3");
    return shell(python + " -c 'import " + module + "' 2>&1").exit_code == 0 ? python : "";
}

}  // namespace support
