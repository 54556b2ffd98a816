// musegan profile: what every kernel of an update costs, and what the gradient penalty costs.
#include "musegan/study/profile_run.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <vector>

#include "io/atomic_file.hpp"
#include "io/chrome_trace.hpp"
#include "musegan/pages/profile_page.hpp"
#include "musegan/study/profile_compare.hpp"
#include "musegan/study/profile_csv.hpp"
#include "musegan/study/profile_figures.hpp"
#include "musegan/study/profile_growth.hpp"
#include "musegan/study/profile_json.hpp"
#include "musegan/study/profile_stacks.hpp"
#include "musegan/study/profile_text.hpp"
#include "musegan/study/profile_trace.hpp"
#include "musegan/study/profile_words.hpp"
#include "tensor/enum_names.hpp"
#include "tools/commands.hpp"
#include "tools/standard_output.hpp"
#include "tools/terminal.hpp"
#include "tools/update_options.hpp"

namespace tools {

namespace {

using musegan::Profile;
using musegan::ProfileGrouping;

/// --compare found an update that became slower: neither wrong usage (2) nor a failure (1).
constexpr int slower_exit = 3;

/// A file that a profile is written to: its option, what it holds, and how.
struct Output {
    const char* option;
    const char* help;
    std::function<void(const Profile&, const std::filesystem::path&)> write;
    bool is_picture = false;
    std::string path{};
};

std::vector<Output> outputs() {
    using Path = std::filesystem::path;
    const auto text = [](auto make) {
        return [make](const Profile& profile, const Path& path) {
            io::write_file_atomically(path, io::as_bytes(make(profile)));
        };
    };
    const auto picture = [](auto draw) {
        return [draw](const Profile& profile, const Path& path) { draw(profile).save(path); };
    };
    const auto page = [](const Profile& profile) {
        return musegan::profile_page(profile, musegan::profile_words(profile));
    };
    const auto csv = [](const Profile& profile) { return musegan::profile_csv(profile); };
    return {{"--html", "A page to look into: sortable tables, timeline, roofline", text(page)},
            {"--json", "Everything, for --compare and for programs", text(musegan::profile_json)},
            {"--csv", "The rows for a spreadsheet", text(csv)},
            {"--trace", "The last round for Perfetto or speedscope (Chrome trace events)",
             [](const Profile& profile, const Path& path) {
                 io::write_chrome_trace(path, musegan::profile_trace(profile));
             }},
            {"--stacks", "Folded stacks for flame graph programs", text(musegan::profile_stacks)},
            {"--flame", "Where the time goes, as a .png, .svg or .pdf", picture(musegan::flame_figure), true},
            {"--roofline", "How near the parts come to what the device can do, likewise",
             picture(musegan::roofline_figure), true}};
}

/// The option --sizes: numbers separated by commas.
io::Setting sizes_setting(std::vector<double>& sizes) {
    const auto assign = [&sizes](const std::string& text) {
        std::vector<double> numbers;
        for (std::size_t begin = 0; begin <= text.size();) {
            const std::size_t end = std::min(text.find(',', begin), text.size());
            const auto number = io::parse_number<double>(std::string_view(text).substr(begin, end - begin));
            if (!number) return false;
            numbers.push_back(*number);
            begin = end + 1;
        }
        sizes = numbers;
        return true;
    };
    return {.key = "sizes",
            .expected = "numbers above 0, separated by commas",
            .help = "Of --grow",
            .option = "--sizes",
            .text = [&sizes] { return fmt::format("{}", fmt::join(sizes, ",")); },
            .assign = assign,
            .is_valid =
                [&sizes] { return std::ranges::all_of(sizes, [](double size) { return size > 0 && size < 1e300; }); }};
}

struct ProfileCommand {
    std::unique_ptr<UpdateOptions> updates;
    ComputeOptions compute;
    musegan::ProfileOptions options;
    std::string by, grow;
    std::vector<std::string> compared;
    std::vector<double> sizes;
    std::vector<Output> outputs = tools::outputs();
    std::size_t lines = 15;
    bool tree = false, no_trace = false;
    std::int64_t copy_mib = 1024;
};

/// The value of an option that takes an enum's names.
template <typename Enum>
Enum parse_name(const char* option, const std::string& text) {
    if (const auto value = tensor::find_name<Enum>(text)) return *value;
    throw UsageError(fmt::format("[{}] '{}', expected {}", option, text, tensor::list_names<Enum>()));
}

/// A path that cannot be written should be known before minutes are spent on measuring.
void require_writable(const std::vector<Output>& outputs) {
    for (const Output& output : outputs) {
        if (output.path.empty()) continue;
        if (output.is_picture) musegan::Picture::require_format(output.path);
        io::require_writable(output.path);
    }
}

int compare(const ProfileCommand& command) {
    const std::string &first = command.compared[0], &second = command.compared[1];
    const ProfileGrouping by =
        command.by.empty() ? ProfileGrouping::all : parse_name<ProfileGrouping>("--by", command.by);
    const musegan::ProfileChange change =
        musegan::compare_profiles(musegan::read_profile(first), musegan::read_profile(second), by, first, second);
    say(fmt::format("{}, then {}", first, second));
    print_text(musegan::change_text(change, command.lines));
    return change.verdict() == musegan::Verdict::slower ? slower_exit : 0;
}

void print_tables(const ProfileCommand& command, const Profile& profile) {
    std::vector<ProfileGrouping> groupings{ProfileGrouping::phase, ProfileGrouping::kernel};
    if (!command.by.empty()) groupings = {parse_name<ProfileGrouping>("--by", command.by)};
    for (const ProfileGrouping grouping : groupings)
        print_text(("\n" + musegan::profile_table(profile, grouping, command.lines)));
    constexpr double least_share = 0.005;
    if (command.tree) print_text(("\n" + musegan::profile_tree(profile, least_share)));
}

/// Measuring with progress; the line of progress ends before anything is printed.
template <typename Measure>
auto measured(ProfileCommand& command, Measure measure) {
    watch_interrupt("ending soon");
    std::unique_ptr<Progress> progress;
    command.options.stop_requested = interrupted;
    command.options.progress = [&](const std::string& what, int done, int of) {
        if (!progress) progress = std::make_unique<Progress>("profile", "rounds", of);
        progress->update(done, what);
    };
    try {
        return measure();
    } catch (const tensor::Error&) {
        if (interrupted()) end_interrupted("profile", "nothing was printed or written");
        throw;
    }
}

int grow(ProfileCommand& command, const musegan::TrainingSettings& settings) {
    const auto growth = parse_name<musegan::Growth>("--grow", command.grow);
    const std::vector<double> sizes = command.sizes.empty() ? musegan::growth_sizes(growth) : command.sizes;
    const musegan::GrowthReport report =
        measured(command, [&] { return musegan::measure_growth(settings, growth, sizes, command.options); });
    say(fmt::format("{}: {}", settings.model.name(), report.machine));
    print_text(musegan::growth_text(report));
    return 0;
}

int run(ProfileCommand& command) {
    if (!command.by.empty()) parse_name<ProfileGrouping>("--by", command.by);
    if (!command.compared.empty()) return compare(command);
    const AutomaticDevice device = command.compute.resolve();
    const musegan::TrainingSettings settings = command.updates->settings(device.device);
    command.options.trace = !command.no_trace;
    command.options.roofs.copy_bytes = command.copy_mib << 20;
    if (!command.grow.empty()) return grow(command, settings);
    require_writable(command.outputs);
    device.explain();
    const Profile profile = measured(command, [&] { return musegan::profile_training(settings, command.options); });
    print_text(musegan::profile_heading(profile));
    print_tables(command, profile);
    for (const std::string& paragraph : musegan::profile_words(profile)) print_text("\n" + paragraph + "\n");
    for (const Output& output : command.outputs)
        if (!output.path.empty()) output.write(profile, output.path);
    if (interrupted())
        end_interrupted("profile", fmt::format("what was printed and written are {} of {} rounds",
                                               profile.critic_ms.size(), command.options.rounds));
    return 0;
}

}  // namespace

Action add_profile(CLI::App& app) {
    auto command = std::make_shared<ProfileCommand>();
    CLI::App* const sub =
        app.add_subcommand("profile", "Say what every kernel of an update costs, and what the penalty costs");
    sub->footer(
        "A round is one critic update and one generator update of the training step. Ctrl-C ends after the round.\n"
        "Exit status of --compare: 3 if an update became slower beyond the noise.\n"
        "Examples: musegan profile --preset paper --batch 8 --html profile.html --trace trace.json\n"
        "          musegan profile --preset compact --by layer --json after.json\n"
        "          musegan profile --compare before.json after.json\n"
        "          musegan profile --grow batch --sizes 2,4,8,16");
    command->updates = std::make_unique<UpdateOptions>(*sub, musegan::TrainingSettings{}, "auto");
    add_number<int>(*sub, "--rounds", command->options.rounds, {1, 100000}, "Rounds to measure");
    add_number<int>(*sub, "--warm-up", command->options.warm_up, {0, 1000}, "Rounds before them, which do not count");
    add_number<int>(*sub, "--queue", command->options.queue, {1, 1000}, "Updates between two waits, on a GPU");
    sub->add_option("--by", command->by, fmt::format("One table: by {}", tensor::list_names<ProfileGrouping>()));
    add_number<std::size_t>(*sub, "--lines", command->lines, {1, 1000000}, "Most lines of a table");
    sub->add_flag("--tree", command->tree, "Layer > phase > kernel, too");
    CLI::App& files = *sub->add_option_group("files", "What is written");
    for (Output& output : command->outputs) add_path(files, output.option, output.path, output.help);
    sub->add_option("--compare", command->compared, "Two JSON files: what became faster or slower; measures nothing")
        ->expected(2);
    sub->add_option("--grow", command->grow,
                    fmt::format("Measure several sizes of one thing: {}", tensor::list_names<musegan::Growth>()));
    add_setting(*sub, sizes_setting(command->sizes));
    CLI::App& clock = *sub->add_option_group("measuring", "How it is measured");
    clock.add_flag("--per-thread", command->options.per_thread,
                   "On a CPU: how many threads run at a time in each operator");
    clock.add_flag("--events", command->no_trace, "On a GPU: by events, also where its own trace (CUPTI) can be had");
    add_number<std::int64_t>(clock, "--side", command->options.roofs.side, {1, 1 << 16},
                             "Side of the matrices that measure a GPU's roofs");
    add_number<std::int64_t>(clock, "--copy-mib", command->copy_mib, {1, 1 << 16},
                             "MiB of the copy that measures a roof");
    command->compute.add_to(*sub);
    return [command] { return run(*command); };
}

}  // namespace tools
