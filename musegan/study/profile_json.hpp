// A profile as a JSON file: to keep, to compare with another one, and for programs.
//
//     {"format": "musegan profile", "version": 1,
//      "machine": ..., "device": ..., "precision": ..., "clock": ..., "note": ..., "threads": ...,
//      "work": {setting: value, ...}, "how": {...}, "batch": ..., "critic_steps": ..., "has_penalty": ...,
//      "forward_flops": ..., "roofs": {...}, "critic_ms": [per round], "generator_ms": [...],
//      "observed_critic_ms": [...], "observed_generator_ms": [...], "critic_latency_ms": [...], "critic_host_ms":
//      [...], "critic_device_ms": [...], "generator_latency_ms": [...], "generator_host_ms": [...],
//      "generator_device_ms": [...], "idle_share": ..., "memory": {purpose: bytes},
//      "summary": {what the words say, in numbers},
//      "rows": [{"update": ..., "phase": ..., "layer": ..., "operation": ..., "kernel": ..., "calls": ..., "flops":
//      ...,
//                "bytes": ..., "rounds_ms": [...], "least_ms": ..., "most_ms": ..., "threads_ms": [...],
//                "launch": {...}}, ...]}
//
// critic_ms is an update in a queue, as a training pays for it; critic_latency_ms, critic_host_ms and critic_device_ms
// are one by itself (update_times.hpp), per round; likewise the generator's. Milliseconds, bytes and FLOPs; those
// three, idle_share, threads_ms and launch only where they are known. The timeline is not in it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "musegan/study/profile.hpp"

namespace musegan {

inline constexpr int profile_version = 1;

std::string profile_json(const Profile& profile);

/// The profile in `text`, whose summary is not read. Throws Error("[where] ...") for what is no profile, one of another
/// version, and values that no profile has: what is missing or of another type, numbers that are negative or not
/// finite, rows with other rounds than the profile.
Profile parse_profile(std::string_view text, std::string_view where);
/// The same of a file of at most 256 MiB.
Profile read_profile(const std::filesystem::path& path);

}  // namespace musegan
