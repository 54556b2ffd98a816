#include "layers/stack.hpp"

#include <algorithm>
#include <limits>

#include "autograd/elementwise.hpp"
#include "autograd/rearrange.hpp"
#include "tensor/fusion.hpp"
#include "tensor/scope.hpp"

namespace layers {

namespace {

constexpr int channel_axis = 4;

tensor::Conv3dSpec convolution_spec(const LayerRow& row, std::int64_t in_channels) {
    return {.kernel = row.kernel,
            .in_channels = in_channels,
            .out_channels = row.channels,
            .stride = row.stride,
            .dilation = row.dilation};
}

TransposedSpec transposed_spec(const LayerRow& row, std::int64_t in_channels) {
    return {.kernel = row.kernel,
            .in_channels = in_channels,
            .out_channels = row.channels,
            .stride = row.stride,
            .bias_per_track = row.bias_per_track};
}

/// What a convolution with padding reads: zeros added on each axis.
Extents padded(const LayerRow& row, const Extents& extents) {
    if (row.padding == Padding::valid) return extents;
    return {extents.time + row.kernel.time - 1, extents.pitch + row.kernel.pitch - 1,
            extents.track + row.kernel.track - 1};
}

Volume result_of(const LayerRow& row, const Volume& read) {
    switch (row.kind) {
        case LayerKind::convolution:
            return {tensor::conv3d_geometry(padded(row, read.extents), convolution_spec(row, read.channels)).output,
                    row.channels};
        case LayerKind::transposed:
            // Of the convolution backwards, from what this makes to what it reads.
            return {tensor::transposed_conv3d_geometry(read.extents, {.kernel = row.kernel,
                                                                      .in_channels = row.channels,
                                                                      .out_channels = read.channels,
                                                                      .stride = row.stride})
                        .input,
                    row.channels};
        case LayerKind::dense: return {row.result, row.channels};
        case LayerKind::none: break;
    }
    return read;
}

/// Of the activation, if it is one with a slope; 1 for the others, which leave the values as they are.
double slope_of(const LayerRow& row) {
    if (row.activation == Activation::relu) return 0.0;
    return row.activation == Activation::leaky_relu ? row.slope : 1.0;
}

/// Whether the product's own pass can end with the slope: only then does nothing stand between them.
bool ends_with_slope(const LayerRow& row) {
    return (row.kind == LayerKind::convolution || row.kind == LayerKind::dense) && row.norm == Norm::none;
}

Shape row_shape(const Volume& volume) {
    return {volume.extents.time, volume.extents.pitch, volume.extents.track, volume.channels};
}

void require_sense(const LayerRow& row) {
    if (row.kind == LayerKind::transposed && !(row.dilation == Extents{}))
        throw RowError(row.name, "dilation", "a transposed layer with a dilation, expected none");
    if (row.padding == Padding::same && (row.kind != LayerKind::convolution || !(row.dilation == Extents{})))
        throw RowError(row.name, "padding", "padding 'same', expected it of a convolution without dilation alone");
    if (row.bias_per_track && row.kind != LayerKind::transposed)
        throw RowError(row.name, "bias_per_track", "a bias per track, expected it of a transposed layer alone");
    if (row.kind == LayerKind::none && row.norm == Norm::none && row.activation == Activation::none)
        throw RowError(row.name, "kind", "a layer without a product, a norm or an activation, expected one of them");
}

Volume volume_read(const LayerRow& row, Volume input, const Volumes& joined) {
    if (row.joins.empty()) return input;
    const auto map = joined.find(row.joins);
    if (map == joined.end()) throw RowError(row.name, "joins", fmt::format("there is no map '{}' to join", row.joins));
    if (!(map->second.extents == input.extents))
        throw RowError(row.name, "joins",
                       fmt::format("joins '{}' of {}, expected the extents of what it reads, {}", row.joins,
                                   map->second.to_string(), input.to_string()));
    input.channels += map->second.channels;
    return input;
}

/// Of a row's volumes and of its weights, so that what is made of a batch of them stays far below what 64 bits hold.
constexpr double most_values = 1e9, most_weights = 1e12;

double count_of(const Extents& extents, std::int64_t channels) {
    return static_cast<double>(extents.time) * static_cast<double>(extents.pitch) * static_cast<double>(extents.track) *
           static_cast<double>(channels);
}

double count_of(const Volume& volume) { return count_of(volume.extents, volume.channels); }

double weights_of(const LayerRow& row, const Volume& read, const Volume& made) {
    if (row.kind == LayerKind::none) return 0.0;
    if (row.kind == LayerKind::dense) return count_of(read) * count_of(made);
    return count_of(row.kernel, read.channels) * static_cast<double>(row.channels);
}

Volume volume_made(const LayerRow& row, const Volume& read) {
    const char* const field = row.kind == LayerKind::dense ? "result" : "kernel";
    const Volume around{padded(row, read.extents), read.channels};
    if (count_of(around) > most_values)
        throw RowError(
            row.name, field,
            fmt::format("reads {} with its padding, expected at most {} values", around.to_string(), most_values));
    const Volume made = [&] {
        try {
            return result_of(row, read);
        } catch (const RowError&) {
            throw;
        } catch (const tensor::Error& error) {
            throw RowError(row.name, "kernel", fmt::format("reads {}: {}", read.to_string(), error.what()));
        }
    }();
    if (count_of(made) > most_values || made.elements() < 1)
        throw RowError(row.name, field,
                       fmt::format("makes {}, expected 1 to {} values", made.to_string(), most_values));
    if (const double weights = weights_of(row, read, made); weights > most_weights)
        throw RowError(row.name, field, fmt::format("has {} weights, expected at most {}", weights, most_weights));
    return made;
}

void require_addend(const LayerRow& row, const Volume& made, const Volumes& results) {
    if (row.adds.empty()) return;
    const auto added = results.find(row.adds);
    if (added == results.end())
        throw RowError(row.name, "adds", fmt::format("adds '{}', expected 'input' or an earlier row", row.adds));
    if (!(added->second == made))
        throw RowError(row.name, "adds",
                       fmt::format("adds '{}' of {}, expected what it makes itself, {}", row.adds,
                                   added->second.to_string(), made.to_string()));
}

}  // namespace

std::string Volume::to_string() const {
    return fmt::format("{} x {} x {} x {}", extents.time, extents.pitch, extents.track, channels);
}

std::vector<RowVolumes> volumes_of(const Table& table, const Volume& input, const Volumes& joined) {
    std::vector<RowVolumes> volumes;
    Volumes results{{"input", input}};
    Volume volume = input;
    for (const LayerRow& row : table) {
        if (results.contains(row.name)) throw RowError(row.name, "name", "a second row of that name, expected another");
        require_sense(row);
        const Volume read = volume_read(row, volume, joined);
        volume = volume_made(row, read);
        require_addend(row, volume, results);
        results.emplace(row.name, volume);
        volumes.push_back({read, volume});
    }
    return volumes;
}

Stack::Layer Stack::make_layer(const Builder& builder, const LayerRow& row, const RowVolumes& volumes) {
    const Builder inner = builder.within(row.name);
    const Volume input = volumes.read, output = volumes.made;
    const double slope = ends_with_slope(row) ? slope_of(row) : 1.0;
    Layer layer{row, inner.layer_name(), input, output, {}, {}, false, {}};
    switch (row.kind) {
        case LayerKind::convolution:
            layer.product = Conv3d(inner, padded(row, input.extents), convolution_spec(row, input.channels), slope);
            break;
        case LayerKind::transposed:
            layer.product = TransposedConv3d(inner, input.extents, transposed_spec(row, input.channels));
            break;
        case LayerKind::dense: layer.product = Dense(inner, input.elements(), output.elements(), slope); break;
        case LayerKind::none: break;
    }
    const std::int64_t channels = row.kind == LayerKind::dense ? output.elements() : output.channels;
    if (row.norm == Norm::batch) layer.norm = BatchNorm(inner.within("norm"), channels);
    if (row.norm == Norm::layer) layer.norm = LayerNorm(inner.within("norm"), channels);
    return layer;
}

Stack::Stack(const Builder& builder, const Volume& input, const Table& table, const Volumes& joined) {
    if (table.empty()) tensor::fail("layers", "{} has no layers, expected one or more", builder.prefix);
    const std::vector<RowVolumes> volumes = volumes_of(table, input, joined);
    for (std::size_t i = 0; i < table.size(); ++i) layers_.push_back(make_layer(builder, table[i], volumes[i]));
    for (const LayerRow& row : table) {
        input_is_added_ = input_is_added_ || row.adds == "input";
        for (Layer& layer : layers_) layer.is_added = layer.is_added || row.adds == layer.row.name;
    }
    const auto plain = [](const Layer& layer) {
        const LayerRow& row = layer.row;
        return row.kind == LayerKind::convolution && row.padding == Padding::valid && row.norm == Norm::none &&
               row.joins.empty() && row.adds.empty() && !layer.is_added && row.activation != Activation::tanh;
    };
    for (std::size_t i = 0; i + 1 < layers_.size(); ++i) {
        Layer &first = layers_[i], &second = layers_[i + 1];
        if (!plain(first) || !plain(second) || (i > 0 && layers_[i - 1].pair)) continue;
        const auto& convolution = std::get<Conv3d>(first.product);
        if (tensor::is_thin(convolution.geometry())) first.pair.emplace(convolution, std::get<Conv3d>(second.product));
    }
}

Batch Stack::multiply(const Layer& layer, const Batch& x) const {
    if (const auto* const dense = std::get_if<Dense>(&layer.product))
        return (*dense)(autograd::reshape_rows(x, {layer.input.elements()}));
    if (const auto* const transposed = std::get_if<TransposedConv3d>(&layer.product)) return (*transposed)(x);
    if (const auto* const convolution = std::get_if<Conv3d>(&layer.product)) {
        if (layer.row.padding == Padding::valid) return (*convolution)(x);
        Variable h = x;
        for (int axis = 0; axis < 3; ++axis)
            if (const std::int64_t zeros = layer.row.kernel[axis] - 1; zeros > 0)
                h = autograd::pad(h, axis + 1, zeros / 2, zeros - zeros / 2);
        return (*convolution)(h);
    }
    return x;
}

Batch Stack::apply(const Layer& layer, const Batch& x, Mode mode, const Maps& joined, Maps& kept) const {
    const tensor::LayerScope scope(layer.name);
    const LayerRow& row = layer.row;
    Batch h = x;
    if (!row.joins.empty()) {
        const auto map = joined.find(row.joins);
        if (map == joined.end()) throw RowError(row.name, "joins", fmt::format("there is no map '{}'", row.joins));
        h = autograd::concat({h, map->second}, channel_axis);
    }
    h = multiply(layer, h);
    if (const auto* const batch = std::get_if<BatchNorm>(&layer.norm)) h = (*batch)(h, mode);
    if (const auto* const normal = std::get_if<LayerNorm>(&layer.norm)) h = (*normal)(h);
    if (row.activation == Activation::tanh) h = autograd::tanh(h);
    else if (!ends_with_slope(row) && row.activation != Activation::none) h = autograd::leaky_relu(h, slope_of(row));
    if (row.kind == LayerKind::dense) h = autograd::reshape_rows(h, row_shape(layer.output));
    if (!row.adds.empty()) h = autograd::add(h, kept.at(row.adds));
    if (layer.is_added) kept.insert_or_assign(row.name, h);
    return h;
}

Batch Stack::operator()(const Batch& x, Mode mode, const Maps& joined) const {
    Maps kept;
    if (input_is_added_) kept.insert_or_assign("input", x);
    Batch h = x;
    for (std::size_t i = 0; i < layers_.size(); ++i) {
        if (layers_[i].pair) h = (*layers_[i++].pair)(h);
        else h = apply(layers_[i], h, mode, joined, kept);
    }
    return h;
}

Maps Stack::maps(const Batch& x, Mode mode, const Maps& joined) const {
    Maps made, kept;
    if (input_is_added_) kept.insert_or_assign("input", x);
    Batch h = x;
    for (const Layer& layer : layers_) {
        h = apply(layer, h, mode, joined, kept);
        made.insert_or_assign(layer.row.map_name(), h);
    }
    return made;
}

double Stack::flops(std::int64_t rows) const {
    double total = 0;
    for (const Layer& layer : layers_)
        if (layer.row.kind == LayerKind::dense)
            total += 2.0 * static_cast<double>(rows * layer.input.elements() * layer.output.elements());
    for (const Conv3dGeometry& geometry : geometries()) total += geometry.flops(rows);
    return total;
}

std::vector<Conv3dGeometry> Stack::geometries() const {
    std::vector<Conv3dGeometry> found;
    for (const Layer& layer : layers_) {
        if (const auto* const convolution = std::get_if<Conv3d>(&layer.product))
            found.push_back(convolution->geometry());
        else if (const auto* const transposed = std::get_if<TransposedConv3d>(&layer.product))
            found.push_back(transposed->geometry());
    }
    return found;
}

const Variable& Stack::output_shift() const {
    const Layer& last = layers_.back();
    if (const auto* const batch = std::get_if<BatchNorm>(&last.norm)) return batch->beta();
    if (const auto* const normal = std::get_if<LayerNorm>(&last.norm)) return normal->beta();
    if (const auto* const dense = std::get_if<Dense>(&last.product)) return dense->bias();
    if (const auto* const transposed = std::get_if<TransposedConv3d>(&last.product)) return transposed->bias();
    if (const auto* const convolution = std::get_if<Conv3d>(&last.product)) return convolution->bias();
    tensor::fail("layers", "{} has neither a norm nor a product, and so no shift", last.name);
}

bool Stack::takes_parts() const {
    return std::ranges::all_of(layers_, [](const Layer& layer) {
        const LayerRow& row = layer.row;
        return ends_with_slope(row) && row.padding == Padding::valid && row.joins.empty() && row.adds.empty() &&
               !layer.is_added && row.activation != Activation::tanh;
    });
}

bool Stack::has(Norm norm) const {
    return std::ranges::any_of(layers_, [&](const Layer& layer) { return layer.row.norm == norm; });
}

}  // namespace layers
