// Settings as TOML: what users write by hand, and what a run prints to be edited. Only settings that users set, those
// with an option, take part, and they are called as it is: --critic-steps is critic_steps.
#pragma once

#include <string>
#include <string_view>

#include "io/settings.hpp"
#include "io/toml.hpp"

namespace io {

/// One line `key = value` per setting: numbers as they are, true or false, all else as strings. set_from_toml gives
/// back the same values, doubles to the last bit. An integer beyond 64 bits with sign, which TOML cannot hold, is a
/// string.
std::string settings_toml(const SettingList& list);

/// Sets every setting that the table names, in the table's order. A number is written as a number (16 or 16.0, as one
/// likes) and a switch as true or false. Throws Error("[file:line] ...") for a key that is no setting, a value of
/// another kind and one that is not allowed; the settings before it are then set.
void set_from_toml(const SettingList& list, const TomlTable& table, std::string_view file);

}  // namespace io
