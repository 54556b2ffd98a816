#include "tools/page_output.hpp"

#include <fstream>
#include <string>
#include <string_view>

#include "io/atomic_file.hpp"
#include "io/file.hpp"
#include "tensor/error.hpp"

namespace tools {

void require_page_output(const std::filesystem::path& out) {
    std::error_code error;
    if (std::filesystem::is_regular_file(out, error)) {
        constexpr std::string_view beginning = "<!doctype html>";
        std::string found(beginning.size(), '\0');
        std::ifstream file(out, std::ios::binary);
        file.read(found.data(), static_cast<std::streamsize>(found.size()));
        found.resize(static_cast<std::size_t>(file.gcount()));
        if (!found.empty() && found != beginning)
            tensor::fail(out.string(), "is there and is no page, expected a new file or a page to replace (--out)");
    }
    io::require_writable(out);
}

}  // namespace tools
