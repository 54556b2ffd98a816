// Numbers for people.
#pragma once

#include <fmt/format.h>

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

}  // namespace tensor
