#include "layers/network.hpp"

#include <algorithm>
#include <set>

#include "autograd/rearrange.hpp"

namespace layers {

namespace {

constexpr int track_axis = 3, channel_axis = 4;

/// What a part reads of one name; nothing where it is one per track, and there are other tracks to read.
std::optional<Volume> volume_read(const Part& part, const std::string& name, const Volumes& sources,
                                  const NetworkPlan& plan, const std::map<std::string, std::pair<bool, Volume>>& made) {
    const auto tracks = static_cast<std::int64_t>(plan.tracks.size());
    if (const auto source = sources.find(name); source != sources.end()) {
        Volume volume = source->second;
        if (!part.per_track) return volume;
        if (volume.extents.track != tracks) return std::nullopt;
        volume.extents.track = 1;
        return volume;
    }
    const auto& [per_track, result] = made.at(name);
    Volume volume = result;
    if (per_track && !part.per_track) volume.channels *= tracks;
    return volume;
}

/// Below which the stacks of a part store what they own: "private.bass.", one per track or one.
std::vector<std::string> prefixes_of(const NetworkPlan& plan, const Part& part) {
    const std::string own = part.name.empty() ? "" : part.name + ".";
    if (!part.per_track || plan.tracks.size() == 1) return {own};
    std::vector<std::string> prefixes;
    for (const std::string& track : plan.tracks) prefixes.push_back(own + track + ".");
    return prefixes;
}

std::string list_of(const Volumes& sources, const std::vector<Part>& parts, std::size_t count) {
    std::string list;
    const auto add = [&](const std::string& name) { list += fmt::format("{}'{}'", list.empty() ? "" : ", ", name); };
    for (const auto& [name, volume] : sources) add(name);
    for (std::size_t i = 0; i < count; ++i) add(parts[i].name);
    return list;
}

}  // namespace

NetworkVolumes volumes_of(const NetworkPlan& plan, const Volumes& sources, const Volumes& joined) {
    NetworkVolumes volumes;
    std::map<std::string, std::pair<bool, Volume>> made;  // per track?, of one stack
    std::set<std::string> owners;                         // of parameters
    for (std::size_t i = 0; i < plan.parts.size(); ++i) {
        const Part& part = plan.parts[i];
        const auto fail_part = [&](const char* field, const std::string& fact) {
            throw PartError(i, PartError::no_row, field, fact);
        };
        if (part.rows.empty()) fail_part("rows", "a part without rows, expected one or more");
        if (part.reads.empty()) fail_part("reads", "a part that reads nothing, expected one or more names");
        std::optional<Volume> read;
        for (const std::string& name : part.reads) {
            if (!sources.contains(name) && !made.contains(name))
                fail_part("reads",
                          fmt::format("reads '{}', expected one of {}", name, list_of(sources, plan.parts, i)));
            const std::optional<Volume> volume = volume_read(part, name, sources, plan, made);
            if (!volume)
                fail_part("reads", fmt::format("one part per track reads '{}' of {}, expected one with {} tracks", name,
                                               sources.at(name).to_string(), plan.tracks.size()));
            if (!read) read = volume;
            else if (read->extents == volume->extents) read->channels += volume->channels;
            else
                fail_part("reads", fmt::format("reads '{}' of {} beside {}, expected equal extents", name,
                                               volume->to_string(), read->to_string()));
        }
        try {
            volumes.rows.push_back(volumes_of(part.rows, *read, joined));
        } catch (const RowError& error) {
            const auto end = part.rows.end();
            auto row = std::ranges::find(part.rows, error.row(), &LayerRow::name);
            if (error.field() == "name")  // two have it, and the second is one too many
                if (const auto second = std::ranges::find(row + 1, end, error.row(), &LayerRow::name); second != end)
                    row = second;
            throw PartError(i, static_cast<std::size_t>(row - part.rows.begin()), error.field(), error.fact());
        }
        volumes.read.push_back(*read);
        const Volume& last = volumes.rows.back().back().made;
        if (sources.contains(part.name) || !made.emplace(part.name, std::pair(part.per_track, last)).second)
            fail_part("name", fmt::format("a second '{}', expected another name", part.name));
        for (const std::string& prefix : prefixes_of(plan, part))
            for (std::size_t row = 0; row < part.rows.size(); ++row)
                if (const std::string owner = prefix + part.rows[row].name; !owners.insert(owner).second)
                    throw PartError(i, row, "name",
                                    fmt::format("a second '{}' with parameters, expected another name", owner));
        volumes.made = last;
        if (part.per_track) volumes.made.extents.track *= static_cast<std::int64_t>(plan.tracks.size());
    }
    if (plan.parts.empty()) throw PartError(0, PartError::no_row, "", "a network without parts, expected one or more");
    return volumes;
}

Volumes maps_of(const NetworkPlan& plan, const Volumes& sources) {
    const NetworkVolumes volumes = volumes_of(plan, sources);
    Volumes maps;
    for (std::size_t i = 0; i < plan.parts.size(); ++i)
        for (std::size_t row = 0; row < plan.parts[i].rows.size() && !plan.parts[i].per_track; ++row)
            maps.insert_or_assign(plan.parts[i].rows[row].map_name(), volumes.rows[i][row].made);
    return maps;
}

Network::Network(const Builder& builder, const Volumes& sources, const NetworkPlan& plan, const Volumes& joined)
    : tracks_(plan.tracks.size()) {
    const NetworkVolumes volumes = volumes_of(plan, sources, joined);
    const auto within = [](const Builder& outer, const std::string& name) {
        return name.empty() ? outer : outer.within(name);
    };
    for (std::size_t i = 0; i < plan.parts.size(); ++i) {
        const Part& part = plan.parts[i];
        BuiltPart built{part.name, part.reads, part.per_track, {}};
        const Builder own = within(builder, part.name);
        for (std::size_t k = 0; k < (part.per_track ? tracks_ : 1); ++k)
            built.stacks.emplace_back(within(own, part.per_track && tracks_ > 1 ? plan.tracks[k] : ""), volumes.read[i],
                                      part.rows, joined);
        parts_.push_back(std::move(built));
    }
    output_ = volumes.made;
}

/// What stack number `track` of a part reads.
Batch Network::input_of(const BuiltPart& part, std::size_t track, const Sources& sources, const Made& made) const {
    std::vector<Batch> read;
    for (const std::string& name : part.reads) {
        if (const auto source = sources.find(name); source != sources.end()) {
            const auto at = static_cast<std::int64_t>(track);
            if (!part.per_track || tracks_ == 1) read.push_back(source->second);
            else read.emplace_back(autograd::slice(source->second, track_axis, at, at + 1));
        } else {
            const auto found = made.find(name);
            if (found == made.end())
                tensor::fail("layers", "'{}' reads '{}', which was not handed in", part.name, name);
            const std::vector<Batch>& values = found->second;
            if (part.per_track && values.size() > 1) read.push_back(values[track]);
            else read.insert(read.end(), values.begin(), values.end());
        }
    }
    if (read.size() == 1) return read.front();
    return autograd::concat(std::vector<Variable>(read.begin(), read.end()), channel_axis);
}

/// Calls run(stack, what it reads) for each stack in order, and keeps what it returns for the parts behind.
template <typename Run>
void Network::run_parts(const Sources& sources, Run run) const {
    Made made;
    for (const BuiltPart& part : parts_) {
        std::vector<Batch>& values = made[part.name];
        for (std::size_t k = 0; k < part.stacks.size(); ++k)
            values.push_back(run(part, part.stacks[k], input_of(part, k, sources, made)));
    }
}

Batch Network::operator()(const Sources& sources, Mode mode, const Maps& joined) const {
    std::vector<Batch> last;
    run_parts(sources, [&](const BuiltPart& part, const Stack& stack, const Batch& x) {
        const Batch y = stack(x, mode, joined);
        if (&part == &parts_.back()) last.push_back(y);
        return y;
    });
    if (last.size() == 1) return last.front();
    return autograd::concat(std::vector<Variable>(last.begin(), last.end()), track_axis);
}

Maps Network::maps(const Sources& sources, Mode mode) const {
    Maps all;
    run_parts(sources, [&](const BuiltPart& part, const Stack& stack, const Batch& x) -> Batch {
        const Maps made = stack.maps(x, mode);
        const Variable last = made.at(stack.output_map());
        if (part.per_track) return last;
        for (const auto& [name, value] : made) all.insert_or_assign(name, value);
        return last;
    });
    return all;
}

double Network::flops(std::int64_t rows) const {
    double total = 0;
    for (const BuiltPart& part : parts_)
        for (const Stack& stack : part.stacks) total += stack.flops(rows);
    return total;
}

std::vector<Conv3dGeometry> Network::geometries() const {
    std::vector<Conv3dGeometry> found;
    for (const BuiltPart& part : parts_)
        for (const Stack& stack : part.stacks) std::ranges::copy(stack.geometries(), std::back_inserter(found));
    return found;
}

std::vector<Variable> Network::output_shifts() const {
    std::vector<Variable> shifts;
    for (const Stack& stack : parts_.back().stacks) shifts.push_back(stack.output_shift());
    return shifts;
}

bool Network::takes_parts() const {
    return parts_.size() == 1 && parts_.front().stacks.size() == 1 && parts_.front().reads.size() == 1 &&
           (!parts_.front().per_track || tracks_ == 1) && parts_.front().stacks.front().takes_parts();
}

bool Network::has(Norm norm) const {
    return std::ranges::any_of(parts_, [&](const BuiltPart& part) {
        return std::ranges::any_of(part.stacks, [&](const Stack& stack) { return stack.has(norm); });
    });
}

}  // namespace layers
