#include "layers/stack.hpp"

#include "autograd/elementwise.hpp"
#include "autograd/rearrange.hpp"
#include "tensor/error.hpp"
#include "tensor/fusion.hpp"
#include "tensor/scope.hpp"

namespace layers {

namespace {

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

Volume result_of(const LayerRow& row, const Volume& read) {
    switch (row.kind) {
        case LayerKind::convolution:
            return {tensor::conv3d_geometry(read.extents, convolution_spec(row, read.channels)).output, row.channels};
        case LayerKind::transposed: {
            if (!(row.dilation == Extents{}))
                tensor::fail("layers", "{} is transposed with a dilation, expected none", row.name);
            const auto grown = [&](int axis) { return (read.extents[axis] - 1) * row.stride[axis] + row.kernel[axis]; };
            return {{grown(0), grown(1), grown(2)}, row.channels};
        }
        case LayerKind::dense: break;
    }
    return {row.result, row.channels};
}

/// Of the activation, if it is one with a slope; 1 for the others, which leave the values as they are.
double slope_of(const LayerRow& row) {
    if (row.activation == Activation::relu) return 0.0;
    return row.activation == Activation::leaky_relu ? row.slope : 1.0;
}

/// Whether the product's own pass can end with the slope: only then does nothing stand between them.
bool ends_with_slope(const LayerRow& row) { return row.kind != LayerKind::transposed && row.norm == Norm::none; }

[[noreturn]] void fail_without_map(const LayerRow& row) {
    tensor::fail("layers", "{} joins '{}', and there is no such map", row.name, row.joins);
}

Shape row_shape(const Volume& volume) {
    return {volume.extents.time, volume.extents.pitch, volume.extents.track, volume.channels};
}

}  // namespace

std::string Volume::to_string() const {
    return fmt::format("{} x {} x {} x {}", extents.time, extents.pitch, extents.track, channels);
}

std::array<Volume, 2> volumes_of(const LayerRow& row, const Volume& input, const Volumes& joined) {
    Volume read = input;
    if (!row.joins.empty()) {
        const auto map = joined.find(row.joins);
        if (map == joined.end()) fail_without_map(row);
        if (!(map->second.extents == read.extents))
            tensor::fail("layers", "{} joins '{}' of {}, expected the extents of what it reads, {}", row.name,
                         row.joins, map->second.to_string(), read.to_string());
        read.channels += map->second.channels;
    }
    return {read, result_of(row, read)};
}

Volumes volumes_of(const Table& table, Volume input, const Volumes& joined) {
    Volumes made;
    for (const LayerRow& row : table) made[row.name] = input = volumes_of(row, input, joined)[1];
    return made;
}

Stack::Layer Stack::make_layer(const Builder& builder, const LayerRow& row, const std::array<Volume, 2>& volumes) {
    const Builder inner = builder.within(row.name);
    const Volume input = volumes[0], output = volumes[1];
    const double slope = ends_with_slope(row) ? slope_of(row) : 1.0;
    const auto product = [&]() -> std::variant<Conv3d, TransposedConv3d, Dense> {
        switch (row.kind) {
            case LayerKind::convolution:
                return Conv3d(inner, input.extents, convolution_spec(row, input.channels), slope);
            case LayerKind::transposed:
                return TransposedConv3d(inner, input.extents, transposed_spec(row, input.channels));
            case LayerKind::dense: break;
        }
        return Dense(inner, input.elements(), output.elements(), slope);
    };
    Layer layer{row, inner.layer_name(), input, output, product(), {}, {}};
    if (row.norm == Norm::batch)
        layer.norm.emplace(inner.within("norm"), row.kind == LayerKind::dense ? output.elements() : output.channels);
    return layer;
}

Stack::Stack(const Builder& builder, const Volume& input, const Table& table, const Volumes& joined) {
    if (table.empty()) tensor::fail("layers", "{} has no layers, expected one or more", builder.prefix);
    Volume volume = input;
    for (const LayerRow& row : table) {
        layers_.push_back(make_layer(builder, row, volumes_of(row, volume, joined)));
        volume = layers_.back().output;
    }
    const auto plain = [](const Layer& layer) {
        return layer.row.kind == LayerKind::convolution && !layer.norm && layer.row.joins.empty() &&
               layer.row.activation != Activation::tanh;
    };
    for (std::size_t i = 0; i + 1 < layers_.size(); ++i) {
        Layer &first = layers_[i], &second = layers_[i + 1];
        if (!plain(first) || !plain(second) || (i > 0 && layers_[i - 1].pair)) continue;
        const auto& convolution = std::get<Conv3d>(first.product);
        if (tensor::is_thin(convolution.geometry())) first.pair.emplace(convolution, std::get<Conv3d>(second.product));
    }
}

Batch Stack::apply(const Layer& layer, const Batch& x, Mode mode, const Maps& joined) const {
    const tensor::LayerScope scope(layer.name);
    Batch h = x;
    if (!layer.row.joins.empty()) {
        const auto map = joined.find(layer.row.joins);
        if (map == joined.end()) fail_without_map(layer.row);
        h = autograd::concat({h, map->second}, 4);
    }
    if (const auto* const dense = std::get_if<Dense>(&layer.product))
        h = (*dense)(autograd::reshape_rows(h, {layer.input.elements()}));
    else if (const auto* const transposed = std::get_if<TransposedConv3d>(&layer.product)) h = (*transposed)(h);
    else h = std::get<Conv3d>(layer.product)(h);
    if (layer.norm) h = (*layer.norm)(h, mode);
    if (layer.row.activation == Activation::tanh) h = autograd::tanh(h);
    else if (!ends_with_slope(layer.row) && layer.row.activation != Activation::none)
        h = autograd::leaky_relu(h, slope_of(layer.row));
    if (layer.row.kind == LayerKind::dense) h = autograd::reshape_rows(h, row_shape(layer.output));
    return h;
}

Batch Stack::operator()(const Batch& x, Mode mode, const Maps& joined) const {
    Batch h = x;
    for (std::size_t i = 0; i < layers_.size(); ++i) {
        if (layers_[i].pair) h = (*layers_[i++].pair)(h);
        else h = apply(layers_[i], h, mode, joined);
    }
    return h;
}

Maps Stack::maps(const Batch& x, Mode mode, const Maps& joined) const {
    Maps made;
    Batch h = x;
    for (const Layer& layer : layers_) {
        h = apply(layer, h, mode, joined);
        made.insert_or_assign(layer.row.name, h);
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

const Variable& Stack::output_bias() const {
    return std::visit([](const auto& product) -> const Variable& { return product.bias(); }, layers_.back().product);
}

}  // namespace layers
