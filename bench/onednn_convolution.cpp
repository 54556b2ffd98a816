#include "bench/onednn_convolution.hpp"

#include <dnnl.hpp>

#include <string>
#include <unordered_map>

#include "tensor/error.hpp"

namespace bench {

namespace {

using dnnl::memory;
using tensor::Conv3dGeometry;
using tensor::Extents;
using tensor::Tensor;

constexpr auto f32 = memory::data_type::f32;

memory::dims dims_of(const Extents& extents) { return {extents.time, extents.pitch, extents.track}; }

/// The shapes of x, w and y as the library counts them: channels before positions.
struct Dims {
    memory::dims x, w, y, stride, dilation, padding;

    Dims(const Conv3dGeometry& g, std::int64_t rows)
        : x{rows, g.in_channels, g.input.time, g.input.pitch, g.input.track},
          w{g.out_channels, g.in_channels, g.kernel.time, g.kernel.pitch, g.kernel.track},
          y{rows, g.out_channels, g.output.time, g.output.pitch, g.output.track},
          stride(dims_of(g.stride)),
          dilation{g.dilation.time - 1, g.dilation.pitch - 1, g.dilation.track - 1},  // 0 is dense
          padding(dims_of(g.padding)) {}
};

/// In whatever format the library likes best.
memory::desc any(const memory::dims& dims) { return {dims, f32, memory::format_tag::any}; }

constexpr auto auto_algorithm = dnnl::algorithm::convolution_auto;

#if DNNL_VERSION_MAJOR >= 3
dnnl::convolution_forward::primitive_desc forward(const dnnl::engine& engine, const Dims& d) {
    return {engine,         dnnl::prop_kind::forward_training,
            auto_algorithm, any(d.x),
            any(d.w),       any(d.y),
            d.stride,       d.dilation,
            d.padding,      d.padding};
}
dnnl::convolution_backward_data::primitive_desc backward_data(const dnnl::engine& engine, const Dims& d) {
    return {engine,   auto_algorithm, any(d.x),  any(d.w),  any(d.y),
            d.stride, d.dilation,     d.padding, d.padding, forward(engine, d)};
}
dnnl::convolution_backward_weights::primitive_desc backward_weights(const dnnl::engine& engine, const Dims& d) {
    return {engine,   auto_algorithm, any(d.x),  any(d.w),  any(d.y),
            d.stride, d.dilation,     d.padding, d.padding, forward(engine, d)};
}
#else
dnnl::convolution_forward::primitive_desc forward(const dnnl::engine& engine, const Dims& d) {
    return {{dnnl::prop_kind::forward_training, auto_algorithm, any(d.x), any(d.w), any(d.y), d.stride, d.dilation,
             d.padding, d.padding},
            engine};
}
dnnl::convolution_backward_data::primitive_desc backward_data(const dnnl::engine& engine, const Dims& d) {
    return {{auto_algorithm, any(d.x), any(d.w), any(d.y), d.stride, d.dilation, d.padding, d.padding},
            engine,
            forward(engine, d)};
}
dnnl::convolution_backward_weights::primitive_desc backward_weights(const dnnl::engine& engine, const Dims& d) {
    return {{auto_algorithm, any(d.x), any(d.w), any(d.y), d.stride, d.dilation, d.padding, d.padding},
            engine,
            forward(engine, d)};
}
#endif

/// A tensor of ours, and the memory that the library works on: the same where the formats are equal.
struct Reordered {
    memory ours, theirs;

    Reordered(const dnnl::engine& engine, const memory::dims& dims, memory::format_tag tag, const memory::desc& liked,
              const void* values)
        : ours({dims, f32, tag}, engine, const_cast<void*>(values)),
          theirs(ours.get_desc() == liked ? ours : memory(liked, engine)) {}

    bool differ() const { return ours != theirs; }
};

}  // namespace

struct OnednnConvolution::Primitive {
    dnnl::engine engine{dnnl::engine::kind::cpu, 0};
    dnnl::stream stream{engine};
    dnnl::primitive primitive;
    std::unordered_map<int, memory> arguments;
    std::vector<Reordered> operands;
    std::vector<Reordered> result;  // one, made last
    std::string implementation;

    void copy(memory& from, memory& to) {
        dnnl::reorder(from, to).execute(stream, from, to);
        stream.wait();
    }
};

OnednnConvolution::OnednnConvolution(ConvolutionOperator op, const Conv3dGeometry& geometry, std::int64_t rows,
                                     const Tensor& a, const Tensor& b, Tensor& result)
    : primitive_(std::make_unique<Primitive>()) {
    constexpr auto volume = memory::format_tag::ndhwc, weight = memory::format_tag::dhwio;
    Primitive& p = *primitive_;
    const Dims d(geometry, rows);
    const auto operand = [&](int argument, const memory::dims& dims, memory::format_tag tag, const memory::desc& liked,
                             const Tensor& tensor) {
        p.operands.emplace_back(p.engine, dims, tag, liked, tensor.raw());
        p.arguments.emplace(argument, p.operands.back().theirs);
    };
    const auto makes = [&](int argument, const memory::dims& dims, memory::format_tag tag, const memory::desc& liked) {
        p.result.emplace_back(p.engine, dims, tag, liked, result.raw());
        p.arguments.emplace(argument, p.result.back().theirs);
    };
    try {
        switch (op) {
            case ConvolutionOperator::forward: {
                const auto made = forward(p.engine, d);
                operand(DNNL_ARG_SRC, d.x, volume, made.src_desc(), a);
                operand(DNNL_ARG_WEIGHTS, d.w, weight, made.weights_desc(), b);
                makes(DNNL_ARG_DST, d.y, volume, made.dst_desc());
                p.implementation = made.impl_info_str();
                p.primitive = dnnl::convolution_forward(made);
                break;
            }
            case ConvolutionOperator::input_gradient: {
                const auto made = backward_data(p.engine, d);
                operand(DNNL_ARG_DIFF_DST, d.y, volume, made.diff_dst_desc(), a);
                operand(DNNL_ARG_WEIGHTS, d.w, weight, made.weights_desc(), b);
                makes(DNNL_ARG_DIFF_SRC, d.x, volume, made.diff_src_desc());
                p.implementation = made.impl_info_str();
                p.primitive = dnnl::convolution_backward_data(made);
                break;
            }
            case ConvolutionOperator::weight_gradient: {
                const auto made = backward_weights(p.engine, d);
                operand(DNNL_ARG_SRC, d.x, volume, made.src_desc(), a);
                operand(DNNL_ARG_DIFF_DST, d.y, volume, made.diff_dst_desc(), b);
                makes(DNNL_ARG_DIFF_WEIGHTS, d.w, weight, made.diff_weights_desc());
                p.implementation = made.impl_info_str();
                p.primitive = dnnl::convolution_backward_weights(made);
                break;
            }
        }
    } catch (const dnnl::error& error) {
        tensor::fail("onednn", "{}, for {}", error.what(), geometry.to_string());
    }
}

OnednnConvolution::~OnednnConvolution() = default;

void OnednnConvolution::reorder_operands() {
    for (Reordered& each : primitive_->operands)
        if (each.differ()) primitive_->copy(each.ours, each.theirs);
}

void OnednnConvolution::run() {
    primitive_->primitive.execute(primitive_->stream, primitive_->arguments);
    primitive_->stream.wait();
}

void OnednnConvolution::reorder_result() {
    Reordered& result = primitive_->result.front();
    if (result.differ()) primitive_->copy(result.theirs, result.ours);
}

const std::string& OnednnConvolution::implementation() const { return primitive_->implementation; }

}  // namespace bench
