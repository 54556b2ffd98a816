#include "musegan/networks/latents.hpp"

#include "tensor/random.hpp"

namespace musegan {

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
                      Device device, double deviation) {
    Latents latents;
    for (const LatentSlot& slot : latent_slots(architecture))
        latents.vectors.push_back(tensor::random_normal(stream, {phrases, slot.kind.length}, deviation, dtype, device));
    return latents;
}

}  // namespace musegan
