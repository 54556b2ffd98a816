#include "musegan/networks/latents.hpp"

#include <cmath>
#include <span>

#include "tensor/error.hpp"
#include "tensor/random.hpp"

namespace musegan {

namespace {

void require_alike(const char* where, const Latents& a, const Latents& b, std::size_t slots) {
    if (a.vectors.size() != slots || b.vectors.size() != slots)
        tensor::fail(where, "{} and {} random vectors, expected {} each", a.vectors.size(), b.vectors.size(), slots);
    for (std::size_t i = 0; i < slots; ++i) {
        if (a.vectors[i].shape() != b.vectors[i].shape())
            tensor::fail(where, "vector {} is {} and {}, expected one shape", i, a.vectors[i].shape().to_string(),
                         b.vectors[i].shape().to_string());
        tensor::require_same_kind(where, {&a.vectors[i], &b.vectors[i]});
    }
}

double norm(std::span<const double> x) {
    double squares = 0;
    for (const double value : x) squares += value * value;
    return std::sqrt(squares);
}

/// The angle between two vectors, 0 where one of them is 0. For unit vectors u and v it is
///     2 atan2(|u - v|, |u + v|),
/// which unlike acos(u v) keeps its digits where u and v are nearly parallel or opposite (Kahan).
double angle(std::span<const double> a, std::span<const double> b) {
    const double length_a = norm(a), length_b = norm(b);
    if (length_a == 0 || length_b == 0) return 0;
    double apart = 0, together = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double u = a[i] / length_a, v = b[i] / length_b;
        apart += (u - v) * (u - v);
        together += (u + v) * (u + v);
    }
    return 2 * std::atan2(std::sqrt(apart), std::sqrt(together));
}

/// What a and b are multiplied by at t.
struct Shares {
    double a, b;
};

Shares shares_of(std::span<const double> a, std::span<const double> b, double t, Way way) {
    constexpr double least_sine = 1e-7;
    const double turn = way == Way::spherical ? angle(a, b) : 0.0;
    if (std::sin(turn) < least_sine) return {1 - t, t};
    return {std::sin((1 - t) * turn) / std::sin(turn), std::sin(t * turn) / std::sin(turn)};
}

/// [N, length] in f64, row by row.
Tensor between_rows(const Tensor& a, const Tensor& b, double t, Way way) {
    std::vector<double> from = a.values<double>();
    const std::vector<double> to = b.values<double>();
    const auto length = static_cast<std::size_t>(a.shape()[1]);
    for (std::size_t row = 0; row < from.size(); row += length) {
        const std::span<double> x(from.data() + row, length);
        const std::span<const double> y(to.data() + row, length);
        const Shares shares = shares_of(x, y, t, way);
        for (std::size_t i = 0; i < length; ++i) x[i] = shares.a * x[i] + shares.b * y[i];
    }
    return Tensor::from(from, a.shape()).cast(a.dtype()).to(a.device());
}

}  // namespace

std::string LatentSlot::name() const {
    if (!kind.per_track) return kind.name;
    return fmt::format("{} of {}", kind.name, tracks[static_cast<std::size_t>(track)].name);
}

std::vector<LatentSlot> latent_slots(const Architecture& architecture) {
    std::vector<LatentSlot> slots;
    for (const LatentKind& kind : architecture.latents) {
        if (!kind.per_track) slots.push_back({kind});
        else
            for (const int track : architecture.made_tracks()) slots.push_back({kind, track});
    }
    return slots;
}

Latents Latents::draw(tensor::RandomStream& stream, std::int64_t phrases, const Architecture& architecture, DType dtype,
                      Device device, double temperature) {
    Latents latents;
    const double deviation = temperature * architecture.latent_deviation;
    for (const LatentSlot& slot : latent_slots(architecture))
        latents.vectors.push_back(tensor::random_normal(stream, {phrases, slot.kind.length}, deviation, dtype, device));
    return latents;
}

Latents redrawn(const Latents& base, const Latents& fresh, const Architecture& architecture,
                const std::function<bool(const LatentSlot&)>& chosen) {
    const std::vector<LatentSlot> slots = latent_slots(architecture);
    require_alike("redrawn", base, fresh, slots.size());
    Latents result = base;
    for (std::size_t i = 0; i < slots.size(); ++i)
        if (chosen(slots[i])) result.vectors[i] = fresh.vectors[i];
    return result;
}

Latents between(const Latents& a, const Latents& b, double t, Way way) {
    if (!(t >= 0.0 && t <= 1.0)) tensor::fail("between", "t {}, expected 0 to 1", t);
    require_alike("between", a, b, a.vectors.size());
    if (t == 0.0) return a;
    if (t == 1.0) return b;
    Latents result;
    for (std::size_t i = 0; i < a.vectors.size(); ++i)
        result.vectors.push_back(between_rows(a.vectors[i], b.vectors[i], t, way));
    return result;
}

Latents between(const std::array<Latents, 4>& corners, double s, double t, Way way) {
    return between(between(corners[0], corners[1], s, way), between(corners[2], corners[3], s, way), t, way);
}

}  // namespace musegan
