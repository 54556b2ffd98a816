// Numbers as words of a page, as kit/numbers.js writes them.
#pragma once

#include <string>
#include <vector>

namespace musegan {

/// Three digits that count: "1,234", "123", "12.3", "1.23", "0.0123", "1.23e-07"; "" for what is no number.
std::string number_text(double value);
/// "12 %", "3.4 %", "-0.2 %".
std::string share_text(double share);
/// A relative difference: "0", "3.1e-16".
std::string difference_text(double difference);
/// "0.25", or "0.25, 0.5, 0.75"; of more than six the first five and how many there are.
std::string numbers_text(const std::vector<double>& values);

}  // namespace musegan
