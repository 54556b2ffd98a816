// Measuring a profile: the updates that `musegan train` would run, once as they are and once part by part.
#pragma once

#include <functional>
#include <string>

#include "musegan/study/profile.hpp"
#include "musegan/training/training.hpp"

namespace musegan {

struct ProfileOptions {
    int rounds = 10;    ///< of one critic update and one generator update, each once as it is and once observed
    int warm_up = 3;    ///< rounds before that, which do not count: modules load, memory is reserved, graphs are built
    int queue = 5;      ///< updates between two waits, where a device queues them: a training issues many
    bool trace = true;  ///< whether a GPU's own trace may be used; if not, events
    /// Of a processor: how long each thread runs, at some microseconds per operator.
    bool per_thread = false;
    tensor::RoofSizes roofs{};
    std::optional<tensor::Roofs> known_roofs{};  ///< measured before; if not, they are measured first
    std::function<void(const std::string& what, int done, int of)> progress{};  ///< told before each part; may be empty
    std::function<bool()> stop_requested{};  ///< asked between rounds; after at least one round the profile ends early
};

/// One of the two updates of a round.
struct ProfiledUpdate {
    std::string name;           ///< "critic" or "generator"
    std::function<void()> run;  ///< issues all its work, and waits for none of it
};
/// What is measured, whatever it computes.
struct ProfiledUpdates {
    tensor::Device device;
    tensor::Precision precision = tensor::Precision::f32;
    /// Makes one or both updates; called when the device is traced, which should be so from its first use on.
    std::function<std::vector<ProfiledUpdate>()> prepare;
};

/// What updates cost. Each round runs every update as it is, timed by the wall clock in a queue and alone
/// (UpdateClock), and then part by part, so that they can be compared pair by pair. Throws Error if the device is not
/// there, if the rounds differ in what they do, and if it is stopped before a round is done. What the settings say
/// (work, how, batch, ...) is left to the caller.
Profile measure_updates(const ProfiledUpdates& what, const ProfileOptions& options);

/// What the updates of a training run cost, on random phrases (random_training). Throws Error as Training does.
Profile profile_training(const TrainingSettings& settings, const ProfileOptions& options);

/// The settings that decide what work is done: two profiles with equal ones can be compared.
std::vector<std::pair<std::string, std::string>> work_of(const TrainingSettings& settings);
/// Those that decide how it is done.
std::vector<std::pair<std::string, std::string>> how_of(const TrainingSettings& settings);

}  // namespace musegan
