// A stack of layers as a table: one row per layer, each reading what the row before makes.
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
#include "layers/layer_norm.hpp"
#include "tensor/enum_names.hpp"
#include "tensor/error.hpp"

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

/// `none` has no product: its norm and its activation alone.
enum class LayerKind { convolution, transposed, dense, none };
constexpr auto enum_names(LayerKind) { return std::array{"convolution", "transposed", "dense", "none"}; }
/// Of a convolution. `same` puts zeros around what it reads, floor((k - 1) / 2) before and the rest of k - 1 behind,
/// for a kernel of extent k on each axis: with stride 1 the result has the extents of what was read.
enum class Padding { valid, same };
constexpr auto enum_names(Padding) { return std::array{"valid", "same"}; }
enum class Norm { none, batch, layer };
constexpr auto enum_names(Norm) { return std::array{"none", "batch", "layer"}; }
enum class Activation { none, relu, leaky_relu, tanh };
constexpr auto enum_names(Activation) { return std::array{"none", "relu", "leaky_relu", "tanh"}; }

/// A layer: its product and bias, then a norm, then an activation, then an addition.
struct LayerRow {
    std::string name{};  ///< below which its parameters are stored
    LayerKind kind = LayerKind::convolution;
    std::int64_t channels = 1;               ///< of its result; without a product those that it reads
    Extents kernel{}, stride{}, dilation{};  ///< of a convolution; a transposed one has dilation 1
    Padding padding = Padding::valid;        ///< of a convolution; with dilation 1
    Norm norm = Norm::none;
    Activation activation = Activation::none;
    double slope = 0.2;  ///< of LeakyReLU below zero
    /// The map of another stack that is concatenated, behind, to the channels that the layer reads; "" for none.
    std::string joins{};
    /// What is added to the result: that of an earlier row of this table, or "input"; "" for nothing.
    std::string adds{};
    /// The name as which its result can be joined; "" for its own.
    std::string map{};
    Extents result{};             ///< of a dense layer: extents as which its result is read
    bool bias_per_track = false;  ///< of a transposed layer: TransposedSpec::bias_per_track

    const std::string& map_name() const { return map.empty() ? name : map; }
};
using Table = std::vector<LayerRow>;

/// A row that does not fit: which, and the member of LayerRow at fault ("kernel", "joins").
class RowError : public tensor::Error {
  public:
    RowError(const std::string& row, const char* field, const std::string& fact)
        : Error(fmt::format("[layers] {}: {}", row, fact)), row_(row), field_(field), fact_(fact) {}
    const std::string& row() const { return row_; }
    const std::string& field() const { return field_; }
    /// The message without its place.
    const std::string& fact() const { return fact_; }

  private:
    std::string row_, field_, fact_;
};

/// Values, and their volumes, by the name of the map.
using Maps = std::map<std::string, Variable>;
using Volumes = std::map<std::string, Volume>;

/// The volumes that a row reads, after its join, and makes.
struct RowVolumes {
    Volume read, made;
};
/// Of every row of a table that begins with `input`. Throws RowError for a kernel that does not fit, a join with an
/// unknown map or one of other extents, an addition of an unknown result or one of another volume, what does not go
/// together, two rows of one name, more than 10^9 values that a row reads or makes, and more than 10^12 weights.
std::vector<RowVolumes> volumes_of(const Table& table, const Volume& input, const Volumes& joined = {});

class Stack {
  public:
    /// Layers with fresh parameters, in the table's order. `joined` are the maps that its rows may name. Throws Error
    /// for an empty table, and RowError as volumes_of does.
    Stack(const Builder& builder, const Volume& input, const Table& table, const Volumes& joined = {});

    /// x [N, T, P, M, C] -> the last layer's result. A batch in several parts (autograd/batch.hpp) can pass where
    /// takes_parts() says so. Neighbours that are candidates for it run as one operator where tensor/fusion.hpp says
    /// so.
    /// Throws Error for a map that a row names and `joined` lacks.
    Batch operator()(const Batch& x, Mode mode, const Maps& joined = {}) const;
    /// The results of all layers, by the names of their maps.
    Maps maps(const Batch& x, Mode mode, const Maps& joined = {}) const;

    const Volume& output() const { return layers_.back().output; }
    /// The name of the last layer's map.
    const std::string& output_map() const { return layers_.back().row.map_name(); }
    /// FLOPs of the products of one forward pass over `rows` rows.
    double flops(std::int64_t rows) const;
    /// Of its convolutions, transposed ones too, in the order of the table.
    std::vector<Conv3dGeometry> geometries() const;
    /// What the last layer adds to all values of a channel, before its activation: the shift of its norm, or its bias.
    const Variable& output_shift() const;
    /// Whether every layer is a plain convolution or dense one: no join, addition, padding, norm or tanh.
    bool takes_parts() const;
    /// Whether a layer has that norm.
    bool has(Norm norm) const;

  private:
    struct Layer {
        LayerRow row;
        const char* name;  ///< in full, as LayerScope takes it
        Volume input, output;
        std::variant<std::monostate, Conv3d, TransposedConv3d, Dense> product;
        std::variant<std::monostate, BatchNorm, LayerNorm> norm;
        bool is_added = false;           ///< a later layer adds its result
        std::optional<Conv3dPair> pair;  ///< this layer and the next as one
    };
    static Layer make_layer(const Builder& builder, const LayerRow& row, const RowVolumes& volumes);
    Batch multiply(const Layer& layer, const Batch& x) const;
    Batch apply(const Layer& layer, const Batch& x, Mode mode, const Maps& joined, Maps& kept) const;

    std::vector<Layer> layers_;
    bool input_is_added_ = false;
};

}  // namespace layers
