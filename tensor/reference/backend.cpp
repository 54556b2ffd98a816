// The reference device: every operator by the plain loops of this folder, on complex numbers, so that a direction in
// the imaginary parts comes out as a derivative (tensor/direction.hpp). Host memory and its clock are the CPU's.
#include "tensor/backend.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "tensor/draws.hpp"
#include "tensor/error.hpp"
#include "tensor/parallel.hpp"
#include "tensor/reference/complex_step.hpp"
#include "tensor/reference/conv3d.hpp"
#include "tensor/reference/elementwise.hpp"
#include "tensor/reference/matmul.hpp"
#include "tensor/reference/normalize.hpp"
#include "tensor/reference/rearrange.hpp"
#include "tensor/reference/reduce.hpp"

namespace tensor::reference {

namespace {

using Values = std::vector<Complex>;

template <typename T = Complex>
std::span<const T> view(const Tensor& x) {
    return {x.data<T>(), static_cast<std::size_t>(x.elements())};
}

template <typename T = Complex>
std::span<T> view(Tensor& x) {
    return {x.data<T>(), static_cast<std::size_t>(x.elements())};
}

template <typename T>
void store(const std::vector<T>& values, Tensor& y) {
    std::copy(values.begin(), values.end(), y.data<T>());
}

/// Calls function(T{}) with the type of x's elements.
template <typename Function>
void for_stored_type(const Tensor& x, const Function& function) {
    if (x.dtype() == DType::u8) function(std::uint8_t{});
    else function(Complex{});
}

/// bias and LeakyReLU, then the mask.
Values finished(Values product, const Epilogue& e) {
    const auto values = [&] { return std::span<const Complex>(product); };
    if (e.bias.defined()) product = epilogue(values(), view(e.bias), e.slope);
    else if (e.slope != 1.0) product = unary(LeakyRelu{e.slope}, values());
    if (e.has_bit_mask()) product = bit_mask(view<std::uint8_t>(e.mask), e.mask_slope, values());
    else if (e.has_mask())
        product = binary(LeakyReluMask{e.mask_slope}, view(e.mask), e.mask.shape(), values(), e.mask.shape());
    return product;
}

/// The same numbers as every device draws, as real numbers.
Complex draw(Distribution distribution, const RandomStream& stream, double deviation, std::uint64_t i) {
    if (distribution == Distribution::truncated_normal)
        return deviation * truncated_normal_draw(stream, stream.next_block() + i);
    const PhiloxBlock words = philox(stream.seed, stream.next_block() + i / 4, stream.stream);
    if (distribution == Distribution::uniform) return uniform_draws(words).values[i % 4];
    return deviation * normal_draws(words).values[i % 4];
}

bool is_finite(const Complex& z) { return std::isfinite(z.real()) && std::isfinite(z.imag()); }

class ReferenceBackend final : public Backend {
  public:
    void fill(Tensor& y, double value) const override {
        for_stored_type(y, [&]<typename T>(T) { std::ranges::fill(view<T>(y), static_cast<T>(value)); });
    }
    void convert(const Tensor& x, Tensor& y) const override {
        if (x.dtype() == y.dtype()) return from_host(x.raw(), y);
        if (x.dtype() == DType::u8) std::ranges::copy(view<std::uint8_t>(x), y.data<Complex>());
        else
            std::ranges::transform(view(x), y.data<std::uint8_t>(),
                                   [](const Complex& z) { return static_cast<std::uint8_t>(z.real()); });
    }
    void unary(const UnaryFunctor& functor, const Tensor& x, Tensor& y) const override {
        std::visit([&](const auto& f) { store(reference::unary(f, view(x)), y); }, functor);
    }
    void binary(const BinaryFunctor& functor, const Tensor& a, const Tensor& b, Tensor& y) const override {
        std::visit([&](const auto& f) { store(reference::binary(f, view(a), a.shape(), view(b), b.shape()), y); },
                   functor);
    }
    void leaky_relu_bit_mask(const Tensor& bits, double slope, const Tensor& g, Tensor& y) const override {
        store(bit_mask(view<std::uint8_t>(bits), slope, view(g)), y);
    }
    void accumulate(const Tensor& x, Tensor& y) const override {
        store(reference::binary(Add{}, view(std::as_const(y)), y.shape(), view(x), x.shape()), y);
    }
    void sum_to(const Tensor& x, Tensor& y) const override {
        store(reference::sum_to(view(x), x.shape(), y.shape()), y);
    }
    void broadcast_to(const Tensor& x, Tensor& y) const override {
        store(reference::broadcast_to(view(x), x.shape(), y.shape()), y);
    }
    void permute(const Tensor& x, std::span<const int> axes, Tensor& y) const override {
        for_stored_type(x, [&]<typename T>(T) {
            store(reference::permute(view<T>(x), x.shape(), std::vector<int>(axes.begin(), axes.end())), y);
        });
    }
    void copy_box(const Tensor& x, const BoxCopy& box, Tensor& y) const override {
        for_stored_type(x,
                        [&]<typename T>(T) { reference::copy_box(view<T>(x), x.shape(), box, view<T>(y), y.shape()); });
    }

    void matmul(MatmulForm form, const Tensor& a, const Tensor& b, const Epilogue& epilogue, Tensor& y,
                Tensor* positive) const override {
        const MatmulExtents e{y.shape()[0], a.shape()[form == MatmulForm::tn ? 0 : 1], y.shape()[1]};
        finish(form == MatmulForm::nn   ? matmul_nn(view(a), view(b), e)
               : form == MatmulForm::nt ? matmul_nt(view(a), view(b), e)
                                        : matmul_tn(view(a), view(b), e),
               epilogue, y, positive);
    }
    void conv3d(const Tensor& x, const Tensor& w, const Conv3dGeometry& geometry, const Epilogue& epilogue, Tensor& y,
                Tensor* positive) const override {
        finish(reference::conv3d(view(x), view(w), geometry, x.shape()[0]), epilogue, y, positive);
    }
    void conv3d_input_gradient(const Tensor& g, const Tensor& w, const Conv3dGeometry& geometry,
                               const Epilogue& epilogue, Tensor& x, Tensor* positive) const override {
        finish(reference::conv3d_input_gradient(view(g), view(w), geometry, g.shape()[0]), epilogue, x, positive);
    }
    void conv3d_weight_gradient(const Tensor& x, const Tensor& g, const Conv3dGeometry& geometry,
                                Tensor& w) const override {
        store(reference::conv3d_weight_gradient(view(x), view(g), geometry, x.shape()[0]), w);
    }

    void normalize(const Tensor& x, const Tensor& gamma, const Tensor& beta, const NormalizeGeometry& geometry,
                   double epsilon, Tensor& y, Tensor& mean, Tensor& inverse_deviation) const override {
        const auto result = reference::normalize(view(x), view(gamma), view(beta), geometry, epsilon);
        store(result.y, y);
        store(result.mean, mean);
        store(result.inverse_deviation, inverse_deviation);
    }
    void normalize_gradient(const Tensor& x, const Tensor& gamma, const Tensor& g, const NormalizeGeometry& geometry,
                            const Tensor& mean, const Tensor& inverse_deviation, Tensor& x_gradient,
                            Tensor& gamma_gradient, Tensor& beta_gradient) const override {
        const auto result =
            reference::normalize_gradient(view(x), view(gamma), view(g), geometry, view(mean), view(inverse_deviation));
        store(result.x, x_gradient);
        store(result.gamma, gamma_gradient);
        store(result.beta, beta_gradient);
    }
    void follow_statistics(const Tensor& mean, const Tensor& inverse_deviation, const FollowStatistics& formula,
                           Tensor& running_mean, Tensor& running_variance) const override {
        for (std::size_t c = 0; c < view(mean).size(); ++c)
            formula(view(running_mean)[c], view(running_variance)[c], view(mean)[c], view(inverse_deviation)[c]);
    }

    void interpolate(const Tensor& a, const Tensor& b, const Tensor& factor, Tensor& y) const override {
        store(reference::interpolate(view(a), view(b), view(factor)), y);
    }
    void norm(const Tensor& x, double epsilon, Tensor& y) const override {
        store(reference::norm(view(x), x.shape(), epsilon), y);
    }
    void random(Distribution distribution, const RandomStream& stream, double deviation, Tensor& y) const override {
        store(each<Complex>(view(y).size(), [&](std::size_t i) { return draw(distribution, stream, deviation, i); }),
              y);
    }

    void adam(std::span<AdamSlot> slots, const AdamStep& formula) const override {
        const AdamStep step = formula.resolved();
        for (AdamSlot& slot : slots) {
            const std::span<Complex> weight = view(slot.weight), first = view(slot.first), second = view(slot.second);
            const std::span<const Complex> gradient = view(std::as_const(slot.gradient));
            for (std::size_t i = 0; i < weight.size(); ++i) step(weight[i], first[i], second[i], gradient[i]);
        }
    }
    void follow(std::span<FollowSlot> slots, const FollowValue& given) const override {
        const FollowValue formula = given.resolved();
        for (FollowSlot& slot : slots) {
            const std::span<Complex> average = view(slot.average), value = view(slot.value);
            for (std::size_t i = 0; i < average.size(); ++i) formula(average[i], value[i]);
        }
    }
    void clamp(std::span<Tensor>, const Clamp&) const override {
        fail("clamp",
             "the reference device differentiates and does not train, and a bound has no derivative (clamp on "
             "another device)");
    }
    void unpack_rows(const Tensor& packed, std::span<const std::int64_t> rows, const std::int64_t* held,
                     Tensor& y) const override {
        if (held) rows = {held, rows.size()};
        const std::span<const std::uint8_t> bytes = view<std::uint8_t>(packed);
        const std::size_t cells = rows.empty() ? 0 : view(y).size() / rows.size();
        store(each<Complex>(view(y).size(),
                            [&](std::size_t i) {
                                const auto row = static_cast<std::size_t>(rows[i / cells] * packed.shape()[1]);
                                const unsigned byte = bytes[row + i % cells / 8];
                                return Complex(byte >> (i % cells % 8) & 1 ? 1.0 : -1.0);
                            }),
              y);
    }
    void positive_bits(const Tensor& x, Tensor& bits) const override {
        store(reference::positive_bits(view(x), view<std::uint8_t>(bits).size()), bits);
    }
    std::int64_t first_not_finite(std::span<const Tensor> tensors) const override {
        for (std::size_t k = 0; k < tensors.size(); ++k)
            if (tensors[k].dtype() != DType::u8 && !std::ranges::all_of(view(tensors[k]), is_finite))
                return static_cast<std::int64_t>(k);
        return -1;
    }

    void from_host(const void* host, Tensor& y) const override { cpu_backend().from_host(host, y); }
    void to_host(const Tensor& x, void* host) const override { cpu_backend().to_host(x, host); }
    void synchronize() const override {}
    std::unique_ptr<Mark> make_mark() const override { return cpu_backend().make_mark(); }
    Arena& arena() const override { return cpu_backend().arena(); }
    DeviceFacts facts() const override {
        return {.description =
                    fmt::format("plain loops on complex numbers, to differentiate, {} threads", thread_count())};
    }

  private:
    void finish(Values product, const Epilogue& epilogue, Tensor& y, Tensor* positive) const {
        store(finished(std::move(product), epilogue), y);
        if (positive) positive_bits(y, *positive);
    }
};

}  // namespace

}  // namespace tensor::reference

namespace tensor {

const Backend& reference_backend() {
    static const Backend* const instance = new reference::ReferenceBackend();
    return *instance;
}

}  // namespace tensor
