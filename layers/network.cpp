#include "layers/network.hpp"

#include <algorithm>
#include <set>

#include "autograd/rearrange.hpp"

namespace layers {

namespace {

constexpr int track_axis = 3, channel_axis = 4;

/// What a part reads of one name; nothing where it is one per track, and there are other tracks to read.
std::optional<Volume> volume_named(const Part& part, const std::string& name, const Volumes& sources,
                                   const NetworkPlan& plan,
                                   const std::map<std::string, std::pair<bool, Volume>>& made) {
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

/// Below which the stacks of a part store what they own: "private.bass" and so on, one per track or one.
std::vector<std::string> names_of(const NetworkPlan& plan, const Part& part) {
    if (!part.per_track || plan.tracks.size() == 1) return {part.name};
    std::vector<std::string> names;
    for (const std::string& track : plan.tracks) names.push_back(part.name.empty() ? track : part.name + "." + track);
    return names;
}

std::string list_of(const Volumes& sources, const std::vector<Part>& parts, std::size_t count) {
    std::string list;
    const auto add = [&](const std::string& name) { list += fmt::format("{}'{}'", list.empty() ? "" : ", ", name); };
    for (const auto& [name, volume] : sources) add(name);
    for (std::size_t i = 0; i < count; ++i) add(parts[i].name);
    return list;
}

/// What parts made so far: whether per track, and the volume of one stack.
using MadeVolumes = std::map<std::string, std::pair<bool, Volume>>;

/// What each stack of part number i reads, its names' channels side by side.
Volume volume_read(const NetworkPlan& plan, std::size_t i, const Volumes& sources, const MadeVolumes& made) {
    const Part& part = plan.parts[i];
    const auto fail_reads = [&](const std::string& fact) { throw PartError(i, PartError::no_row, "reads", fact); };
    if (part.reads.empty()) fail_reads("a part that reads nothing, expected one or more names");
    std::optional<Volume> read;
    for (const std::string& name : part.reads) {
        if (!sources.contains(name) && !made.contains(name))
            fail_reads(fmt::format("reads '{}', expected one of {}", name, list_of(sources, plan.parts, i)));
        const std::optional<Volume> volume = volume_named(part, name, sources, plan, made);
        if (!volume)
            fail_reads(fmt::format("one part per track reads '{}' of {}, expected one with {} tracks", name,
                                   sources.at(name).to_string(), plan.tracks.size()));
        if (!read) read = volume;
        else if (read->extents == volume->extents) read->channels += volume->channels;
        else
            fail_reads(fmt::format("reads '{}' of {} beside {}, expected equal extents", name, volume->to_string(),
                                   read->to_string()));
    }
    return *read;
}

/// Those of part number i. Throws PartError naming the row.
std::vector<RowVolumes> row_volumes(const std::vector<LayerRow>& rows, std::size_t i, const Volume& read,
                                    const Volumes& joined) {
    try {
        return volumes_of(rows, read, joined);
    } catch (const RowError& error) {
        auto row = std::ranges::find(rows, error.row(), &LayerRow::name);
        if (error.field() == "name")  // two have it, and the second is one too many
            if (const auto second = std::ranges::find(row + 1, rows.end(), error.row(), &LayerRow::name);
                second != rows.end())
                row = second;
        throw PartError(i, static_cast<std::size_t>(row - rows.begin()), error.field(), error.fact());
    }
}

/// Throws PartError where two layers would store their parameters below one name.
void require_own_names(const NetworkPlan& plan, std::size_t i, std::set<std::string>& owners) {
    const Part& part = plan.parts[i];
    for (const std::string& name : names_of(plan, part))
        for (std::size_t row = 0; row < part.rows.size(); ++row) {
            const std::string owner = name.empty() ? part.rows[row].name : name + "." + part.rows[row].name;
            if (!owners.insert(owner).second)
                throw PartError(i, row, "name",
                                fmt::format("a second '{}' with parameters, expected another name", owner));
        }
}

}  // namespace

NetworkVolumes volumes_of(const NetworkPlan& plan, const Volumes& sources, const Volumes& joined) {
    if (plan.parts.empty()) throw PartError(0, PartError::no_row, "", "a network without parts, expected one or more");
    NetworkVolumes volumes;
    MadeVolumes made;
    std::set<std::string> owners;
    for (std::size_t i = 0; i < plan.parts.size(); ++i) {
        const Part& part = plan.parts[i];
        if (part.rows.empty())
            throw PartError(i, PartError::no_row, "rows", "a part without rows, expected one or more");
        volumes.read.push_back(volume_read(plan, i, sources, made));
        volumes.rows.push_back(row_volumes(part.rows, i, volumes.read.back(), joined));
        const Volume& last = volumes.rows.back().back().made;
        if (sources.contains(part.name) || !made.emplace(part.name, std::pair(part.per_track, last)).second)
            throw PartError(i, PartError::no_row, "name",
                            fmt::format("a second '{}', expected another name", part.name));
        require_own_names(plan, i, owners);
        volumes.made = last;
        if (part.per_track) volumes.made.extents.track *= static_cast<std::int64_t>(plan.tracks.size());
    }
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
    for (std::size_t i = 0; i < plan.parts.size(); ++i) {
        const Part& part = plan.parts[i];
        BuiltPart built{part.name, part.reads, part.per_track, {}};
        for (const std::string& name : names_of(plan, part))
            built.stacks.emplace_back(name.empty() ? builder : builder.within(name), volumes.read[i], part.rows,
                                      joined);
        parts_.push_back(std::move(built));
    }
    output_ = volumes.made;
}

/// The tracks of each source that a part per track reads, cut once for all parts.
Network::Made Network::tracks_of(const Sources& sources) const {
    Made tracks;
    for (const BuiltPart& part : parts_)
        for (const std::string& name : part.reads) {
            const auto source = sources.find(name);
            if (!part.per_track || tracks_ == 1 || source == sources.end() || tracks.contains(name)) continue;
            const std::vector<std::int64_t> one_each(tracks_, 1);
            for (const Variable& track : autograd::split(source->second, track_axis, one_each))
                tracks[name].emplace_back(track);
        }
    return tracks;
}

/// What stack number `track` of a part reads.
Batch Network::input_of(const BuiltPart& part, std::size_t track, const Sources& sources, const Made& tracks,
                        const Made& made) const {
    std::vector<Batch> read;
    for (const std::string& name : part.reads) {
        if (const auto source = sources.find(name); source != sources.end()) {
            const bool is_whole = !part.per_track || tracks_ == 1;
            read.push_back(is_whole ? source->second : tracks.at(name)[track]);
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
    const Made tracks = tracks_of(sources);
    Made made;
    for (const BuiltPart& part : parts_) {
        std::vector<Batch>& values = made[part.name];
        for (std::size_t k = 0; k < part.stacks.size(); ++k)
            values.push_back(run(part, part.stacks[k], input_of(part, k, sources, tracks, made)));
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
