// Several stacks as one network: after each other, side by side, and one per track.
//
//     parts   private (per track)   reads "phrases", each its own track
//             shared                reads "private": the results of all tracks, channels side by side
//
// A part is a stack, or one per track, and reads what it names: sources, which are handed in, or parts before it, their
// channels side by side.
//
//     | a part that reads   | a source                  | a shared part | a part per track                    |
//     | shared              | all of it                 | its result    | all tracks' results, channels       |
//     |                     |                           |               | side by side                        |
//     | per track           | its own track of it       | its result    | that of its own track               |
//
// The network's result is that of its last part; of one per track the tracks side by side along the track axis.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "layers/stack.hpp"

namespace layers {

struct Part {
    std::string name{};                ///< below which its parameters are stored, and by which it is read; may be ""
    std::vector<std::string> reads{};  ///< one or more sources or earlier parts
    bool per_track = false;
    Table rows{};
};

/// A network before it is built: its parts, and the tracks that its private ones stand for.
struct NetworkPlan {
    std::vector<Part> parts{};
    /// One name per track of the sources. In a network of one track no name of a parameter has it.
    std::vector<std::string> tracks{};
};

/// What is handed in, by name. A source that a part per track reads has as many tracks as the plan.
using Sources = std::map<std::string, Batch>;

/// What each part reads (per track if it is per track) and the network makes.
struct NetworkVolumes {
    std::vector<Volume> read;  ///< beside the parts
    std::vector<std::vector<RowVolumes>> rows;
    Volume made;
};
/// Throws PartError for a part that reads what is not there, what has other extents, or of a source other tracks than
/// its own; for two parts of one name, and parameters of one name; for a part without rows; and for a row that does not
/// fit.
NetworkVolumes volumes_of(const NetworkPlan& plan, const Volumes& sources, const Volumes& joined = {});
/// The maps that a network makes, by name: those of its shared parts.
Volumes maps_of(const NetworkPlan& plan, const Volumes& sources);

/// A part that does not fit: its place in the plan; the row's, if it is one; and the field.
class PartError : public tensor::Error {
  public:
    PartError(std::size_t part, std::size_t row, std::string field, const std::string& fact)
        : Error("[layers] " + fact), part_(part), row_(row), field_(std::move(field)), fact_(fact) {}
    std::size_t part() const { return part_; }
    /// no_row where the part itself is at fault.
    std::size_t row() const { return row_; }
    const std::string& field() const { return field_; }
    const std::string& fact() const { return fact_; }

    static constexpr std::size_t no_row = static_cast<std::size_t>(-1);

  private:
    std::size_t part_, row_;
    std::string field_, fact_;
};

class Network {
  public:
    /// Fresh parameters, part by part, those per track track by track. `joined` are the maps that rows may name. Throws
    /// as volumes_of does.
    Network(const Builder& builder, const Volumes& sources, const NetworkPlan& plan, const Volumes& joined = {});

    /// The result. A batch in several parts (autograd/batch.hpp) can pass where takes_parts() says so.
    Batch operator()(const Sources& sources, Mode mode, const Maps& joined = {}) const;
    /// The results of all rows of its shared parts, by the names of their maps.
    Maps maps(const Sources& sources, Mode mode) const;

    const Volume& output() const { return output_; }
    double flops(std::int64_t rows) const;
    /// Of its convolutions, in the order in which they were made.
    std::vector<Conv3dGeometry> geometries() const;
    /// Stack::output_shift of the last part: one, or one per track.
    std::vector<Variable> output_shifts() const;
    /// Whether it is a single stack that takes a batch in several parts.
    bool takes_parts() const;
    bool has(Norm norm) const;

  private:
    struct BuiltPart {
        std::string name;
        std::vector<std::string> reads;
        bool per_track;
        std::vector<Stack> stacks;  ///< one, or one per track
    };
    /// What parts made, one value per stack, or the tracks of sources.
    using Made = std::map<std::string, std::vector<Batch>>;
    Made tracks_of(const Sources& sources) const;
    Batch input_of(const BuiltPart& part, std::size_t track, const Sources& sources, const Made& tracks,
                   const Made& made) const;
    template <typename Run>
    void run_parts(const Sources& sources, Run run) const;

    std::size_t tracks_ = 1;
    std::vector<BuiltPart> parts_;
    Volume output_;
};

}  // namespace layers
