// A network as a table: one row per layer, each reading what the row before makes.
//
//     const Table table{{.name = "conv1", .channels = 128, .kernel = {2, 1, 5}, .activation = Activation::leaky_relu},
//                       {.name = "dense1", .kind = LayerKind::dense, .channels = 1}};
//     const Stack critic(builder, {{384, 84, 5}, 1}, table);
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "layers/batch_norm.hpp"
#include "layers/conv3d.hpp"
#include "layers/conv3d_pair.hpp"
#include "layers/dense.hpp"

namespace layers {

/// What a layer reads or makes per row of a batch: [T, P, M, C].
struct Volume {
    Extents extents{};
    std::int64_t channels = 1;

    std::int64_t elements() const { return extents.product() * channels; }
    /// "96 x 84 x 5 x 1".
    std::string to_string() const;
    bool operator==(const Volume&) const = default;
};

enum class LayerKind { convolution, transposed, dense };
enum class Norm { none, batch };
enum class Activation { none, relu, leaky_relu, tanh };

/// A layer: its product and bias, then a norm, then an activation.
struct LayerRow {
    std::string name{};  ///< below which its parameters are stored, and the name of the map that it makes
    LayerKind kind = LayerKind::convolution;
    std::int64_t channels = 1;               ///< of its result
    Extents kernel{}, stride{}, dilation{};  ///< of a convolution; a transposed one has dilation 1
    Norm norm = Norm::none;
    Activation activation = Activation::none;
    double slope = 0.2;  ///< of LeakyReLU below zero
    /// The map that is concatenated, behind, to the channels that the layer reads; "" for none.
    std::string joins{};
    Extents result{};             ///< of a dense layer: extents as which its result is read
    bool bias_per_track = false;  ///< of a transposed layer: TransposedSpec::bias_per_track
};
using Table = std::vector<LayerRow>;

/// Values, and their volumes, by the name of the layer that made them.
using Maps = std::map<std::string, Variable>;
using Volumes = std::map<std::string, Volume>;

/// The volume that `row` reads after a join, and the one that it makes of it, in that order. Throws Error for a kernel
/// that does not fit, and for a join with an unknown map or one of other extents.
std::array<Volume, 2> volumes_of(const LayerRow& row, const Volume& input, const Volumes& joined);
/// What each row of a table makes of `input`, by name.
Volumes volumes_of(const Table& table, Volume input, const Volumes& joined = {});

class Stack {
  public:
    /// Layers with fresh parameters, in the table's order. `joined` are the maps that its rows may name. Throws Error
    /// for an empty table, and as volumes_of does.
    Stack(const Builder& builder, const Volume& input, const Table& table, const Volumes& joined = {});

    /// x [N, T, P, M, C] -> the last layer's result. A batch in several parts (autograd/batch.hpp) can pass where no
    /// layer joins, is transposed, has a norm or a tanh. Neighbours that are candidates for it run as one operator
    /// where tensor/fusion.hpp says so.
    /// Throws Error for a map that a row names and `joined` lacks.
    Batch operator()(const Batch& x, Mode mode, const Maps& joined = {}) const;
    /// The results of all layers, by name.
    Maps maps(const Batch& x, Mode mode, const Maps& joined = {}) const;

    const Volume& output() const { return layers_.back().output; }
    /// FLOPs of the products of one forward pass over `rows` rows.
    double flops(std::int64_t rows) const;
    /// Of its convolutions, transposed ones too, in the order of the table.
    std::vector<Conv3dGeometry> geometries() const;
    /// The bias of the last layer.
    const Variable& output_bias() const;

  private:
    struct Layer {
        LayerRow row;
        const char* name;  ///< in full, as LayerScope takes it
        Volume input, output;
        std::variant<Conv3d, TransposedConv3d, Dense> product;
        std::optional<BatchNorm> norm;
        std::optional<Conv3dPair> pair;  ///< this layer and the next as one
    };
    static Layer make_layer(const Builder& builder, const LayerRow& row, const std::array<Volume, 2>& volumes);
    Batch apply(const Layer& layer, const Batch& x, Mode mode, const Maps& joined) const;

    std::vector<Layer> layers_;
};

}  // namespace layers
