// The scripts of a page are ES modules, each in a file of its own, so that tools that know JavaScript (checkers, node)
// can read them as they are. A page that loads nothing needs them as one script.
#pragma once

#include <string>
#include <string_view>

namespace musegan {

/// The modules that `entry` imports, and theirs, each once, behind what it imports itself, as one text in one scope,
/// without the lines that import and the words that export. `entry` is a name of page_texts(), "profile/profile.js".
///
/// A module imports at its top, a line each, by names that it does not change: import {make} from '../kit/elements.js';
/// or import '../kit/theme.js'; for what a module does. It exports at the beginning of a line what it declares there:
/// export function, const, let, class. Since all share a scope, no two of a page declare the same name at their top.
///
/// Throws tensor::Error for a file that musegan/pages/ has not, for modules that import each other, and for an import
/// of another form.
std::string joined_modules(std::string_view entry);

}  // namespace musegan
