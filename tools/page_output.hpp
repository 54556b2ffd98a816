// Where a page may be written.
#pragma once

#include <filesystem>

namespace tools {

/// Refuses, before any work, a path that cannot be written, and one where a file is that is no page: a song or a
/// dataset should not be lost to a slip of the keyboard. A page, an empty file and a device may be written over.
/// Throws tensor::Error.
void require_page_output(const std::filesystem::path& out);

}  // namespace tools
