// The text in the header of a .npy file: a dictionary as Python writes it.
//
//     {'descr': '<f8', 'fortran_order': False, 'shape': (384,), }
#pragma once

#include <string_view>

#include "io/npy_reader.hpp"

namespace io {

/// Type, order and shape; `bytes` stays 0. The keys come in any order, each once, with either kind of quotes; blanks,
/// a comma behind the last entry, and Python 2's numbers (384L) are allowed. Throws tensor::Error naming `name` for
/// anything else, and for types that read_npy_header refuses. No size is checked.
NpyHeader parse_npy_header_text(std::string_view text, std::string_view name);

}  // namespace io
