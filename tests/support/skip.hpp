// A skip is printed and counted, never silent.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>

/// Ends the current test case and lets ctest count it as skipped (it looks for "SKIPPED:" in the output).
#define SKIP_TEST(reason)                             \
    do {                                              \
        std::cout << "SKIPPED: " << (reason) << '\n'; \
        return;                                       \
    } while (false)

namespace support {

/// A path below the folder "shared" beside the checkout (or below $MUSEGAN_SHARED); empty if it is not there.
inline std::filesystem::path shared(const std::string& relative) {
    const char* const variable = std::getenv("MUSEGAN_SHARED");
    const std::filesystem::path root =
        variable ? std::filesystem::path(variable) : std::filesystem::path(MUSEGAN_SOURCE_DIR) / ".." / "shared";
    const std::filesystem::path path = root / relative;
    return std::filesystem::exists(path) ? path : std::filesystem::path();
}
/// Of real data.
inline std::filesystem::path shared_data(const std::string& relative) { return shared("data/" + relative); }

}  // namespace support
