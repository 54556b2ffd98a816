// A profile as a page: figures, a timeline, tables, a roofline and memory, to look into with a mouse or the keyboard.
#pragma once

#include <string>
#include <vector>

#include "musegan/study/profile.hpp"

namespace musegan {

/// The whole HTML file. `words` are paragraphs that say what the profile shows.
std::string profile_page(const Profile& profile, const std::vector<std::string>& words);

}  // namespace musegan
