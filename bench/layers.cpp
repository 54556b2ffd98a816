#include "bench/layers.hpp"

#include <algorithm>

namespace bench {

std::vector<ConvolutionLayer> convolution_layers(const std::vector<std::string>& presets, std::int64_t batch) {
    std::vector<ConvolutionLayer> layers;
    for (const std::string& preset : presets) {
        musegan::TrainingSettings settings = support::settings_of_preset(preset);
        settings.batch = batch;
        settings.execution.fusion = tensor::Fusion::off;  // a pair is two layers here
        for (const support::UpdateCase& each : support::update_cases(settings)) {
            if (each.call.geometries.size() != 1) continue;
            const tensor::Conv3dGeometry& geometry = each.call.geometries[0];
            const std::int64_t rows = each.call.operands[0].shape[0];
            const bool known = std::ranges::any_of(layers, [&](const ConvolutionLayer& layer) {
                return layer.geometry == geometry && layer.rows == rows;
            });
            if (known) continue;
            std::string name = preset + "/" + each.layer;
            if (std::ranges::find(layers, name, &ConvolutionLayer::name) != layers.end())
                name += fmt::format(", {} rows", rows);  // two scores in one pass, say
            layers.push_back({name, geometry, rows});
        }
    }
    return layers;
}

}  // namespace bench
