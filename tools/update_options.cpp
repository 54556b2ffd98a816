#include "tools/update_options.hpp"

#include <optional>
#include <utility>

#include "musegan/networks/architecture.hpp"
#include "musegan/networks/presets.hpp"
#include "musegan/training/config.hpp"
#include "musegan/training/forecast.hpp"
#include "tools/commands.hpp"

namespace tools {

UpdateOptions::UpdateOptions(CLI::App& app, const musegan::TrainingSettings& defaults, std::string preset)
    : defaults_(defaults),
      parsed_(defaults),
      preset_(std::move(preset)),
      command_(app.get_name().empty() ? "settings" : app.get_name()) {
    CLI::App& numbers = *app.add_option_group("settings", "What is run, as in `musegan train`");
    stated_.add_to(numbers, settings_of(parsed_));
    preset_option_ =
        numbers
            .add_option("--preset", preset_,
                        "Networks and settings to begin with: a name, a .toml file, or auto: what train takes")
            ->capture_default_str();
    numbers.add_flag("--plain", plain_, "To study the plain path: --fusion off --gather-launches no --passes in_turn");
}

musegan::TrainingSettings UpdateOptions::settings(tensor::Device device) const {
    musegan::RunOptions begin{.settings = defaults_};
    check_usage([&] {
        std::optional<int> steps_per_beat;
        if (stated_.states("resolution")) steps_per_beat = parsed_.model.shape.steps_per_beat;
        musegan::take_preset(preset_ == "auto"
                                 ? musegan::preset_named(musegan::automatic_preset(device.kind, steps_per_beat).name)
                                 : musegan::find_preset(preset_),
                             begin);
        if (plain_) begin.settings.make_plain();
        stated_.apply(settings_of(begin.settings));
        begin.settings.device = device;
        begin.settings.validate(command_);
        musegan::architecture_of(begin.settings.model);
    });
    check_precision(begin.settings.execution.precision, device);
    return begin.settings;
}

bool UpdateOptions::states_any_but(const std::string& key) const {
    return plain_ || preset_option_->count() > 0 || stated_.count() > (states(key) ? 1U : 0U);
}

}  // namespace tools
