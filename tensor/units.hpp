// Numbers for people.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>

namespace tensor {

/// "512 B", "20.5 MiB", "1.20 GiB".
inline std::string bytes_text(double bytes) {
    if (bytes < 1024) return fmt::format("{:.0f} B", bytes);
    if (bytes < 1024.0 * 1024) return fmt::format("{:.1f} KiB", bytes / 1024);
    if (bytes < 1024.0 * 1024 * 1024) return fmt::format("{:.1f} MiB", bytes / (1024.0 * 1024));
    return fmt::format("{:.2f} GiB", bytes / (1024.0 * 1024 * 1024));
}

/// "12.5 MFLOP", "1.16 GFLOP", "3.20 TFLOP".
inline std::string flops_text(double flops) {
    if (flops < 1e9) return fmt::format("{:.1f} MFLOP", flops * 1e-6);
    if (flops < 1e12) return fmt::format("{:.2f} GFLOP", flops * 1e-9);
    return fmt::format("{:.2f} TFLOP", flops * 1e-12);
}

/// "3.0 s", "42 s", "4 min 12 s", "2 h 05 min".
inline std::string duration_text(double seconds) {
    const auto whole = static_cast<std::int64_t>(seconds + 0.5);
    if (seconds < 9.95) return fmt::format("{:.1f} s", seconds);
    if (whole < 60) return fmt::format("{} s", whole);
    if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
    return fmt::format("{} h {:02} min", whole / 3600, whole % 3600 / 60);
}

/// Of something short, to two digits: "7.3 ms", "0.073 s", "1.3 s"; as duration_text from ten seconds on.
inline std::string pace_text(double seconds) {
    if (seconds < 0.00995) return fmt::format("{:.2g} ms", seconds * 1e3);
    if (seconds < 9.95) return fmt::format("{:.2g} s", seconds);
    return duration_text(seconds);
}

/// "450", "2,000", "1,000,000".
inline std::string count_text(std::int64_t count) {
    std::string text = fmt::format("{}", count);
    const std::int64_t first = count < 0 ? 1 : 0;
    for (std::int64_t at = static_cast<std::int64_t>(text.size()) - 3; at > first; at -= 3)
        text.insert(static_cast<std::size_t>(at), ",");
    return text;
}

}  // namespace tensor
