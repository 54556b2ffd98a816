// A trained model in half the bytes, or less: for pages, which carry it as text.
#pragma once

#include <cstdint>
#include <vector>

#include "io/safetensors.hpp"

namespace musegan {

/// A model file of all that makes phrases: generators (their average, if the file has one), encoder, refiners and
/// running statistics, without critics, and with the file's metadata. Arrays of more than one axis are half floats
/// (tensor/f16.hpp, to the nearest), vectors stay floats. load_model reads it as any other. `file` is a model or a
/// state. Throws Error as load_model does, and for a number that is too large for a half float, naming its array.
std::vector<std::uint8_t> half_model(const io::SafetensorsFile& file);

}  // namespace musegan
