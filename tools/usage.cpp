#include "tools/usage.hpp"

#include <cstdio>
#include <vector>

#include "io/nearest_name.hpp"
#include "tools/commands.hpp"

namespace tools {

namespace {

/// The subcommand that was called; null where there is none.
const CLI::App* called(const CLI::App& app) {
    const std::vector<CLI::App*> commands = app.get_subcommands();
    return commands.empty() ? nullptr : commands.front();
}

/// The options of a command, those of its groups included.
void list_options(const CLI::App& command, std::vector<std::string>& names) {
    for (const CLI::Option* const option : command.get_options())
        for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    // A group is a subcommand without a name, and get_options() lists those of groups in some versions.
    for (const CLI::App* const group : command.get_subcommands([](const CLI::App*) { return true; }))
        if (group->get_name().empty()) list_options(*group, names);
}

std::string expected_name(const std::string& name, const std::vector<std::string>& known) {
    const std::string nearest = io::nearest_name(name, known);
    return nearest.empty() ? std::string() : fmt::format(", expected {}?", nearest);
}

std::string unknown_command(const CLI::App& app, const std::string& word) {
    std::vector<std::string> known;
    for (const CLI::App* const command : app.get_subcommands([](const CLI::App*) { return true; }))
        known.push_back(command->get_name());
    return fmt::format("[{}] is no command{} (musegan --help lists all)", word, expected_name(word, known));
}

/// A word that nothing takes: the first of them.
std::string unexpected_word(const CLI::App& app) {
    const CLI::App* const command = called(app);
    const std::vector<std::string> before = app.remaining(false);
    const CLI::App& where = before.empty() && command != nullptr ? *command : app;
    const std::vector<std::string> words = where.remaining(false);
    if (words.empty()) return "[musegan] a word that nothing takes, expected none";
    const std::string& word = words.front();
    const std::string help = &where == &app ? "musegan" : "musegan " + where.get_name();
    if (word.size() > 1 && word.starts_with('-')) {
        const std::string name = word.substr(0, word.find('='));
        std::vector<std::string> known;
        list_options(where, known);
        return fmt::format("[{}] is no option of {}{} ({} --help lists all)", name, help, expected_name(name, known),
                           help);
    }
    if (&where == &app) return unknown_command(app, word);
    return fmt::format("[{}] is one word too many for {} ({} --help says what it takes)", word, help, help);
}

}  // namespace

std::string usage_fault(const CLI::App& app, const CLI::ParseError& error) {
    if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) return unexpected_word(app);
    const std::string text = error.what();
    const std::size_t colon = text.find(": ");
    if (colon == std::string::npos)
        return fmt::format("[{}] {}", called(app) ? called(app)->get_name() : "musegan", text);
    const std::string option = text.substr(0, colon), fact = text.substr(colon + 2);
    if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
        if (fact.ends_with(" missing")) return fmt::format("[{}] no value, expected one", option);
        if (fact.starts_with("At Most 1 ")) return fmt::format("[{}] stated more than once, expected once", option);
        if (int least = 0, got = 0;
            std::sscanf(fact.c_str(), "At least %d required but received %d", &least, &got) == 2)
            return fmt::format("[{}] {} value{}, expected {}", option, got, got == 1 ? "" : "s", least);
    }
    return fmt::format("[{}] {}", option, fact);
}

std::string empty_value_fault(int argument_count, char** arguments) {
    for (int k = 1; k < argument_count; ++k) {
        const std::string_view word = arguments[k];
        if (word == "--") break;  // what follows are no options
        if (word.starts_with("--") && word.find('=') == word.size() - 1)
            return fmt::format("[{}] no value, expected one", word.substr(0, word.size() - 1));
    }
    return "";
}

void require_stated(const std::string& value, std::string_view command, std::string_view option,
                    std::string_view what) {
    if (value.empty()) throw UsageError(fmt::format("[{}] no {}, expected {}", command, option, what));
}

}  // namespace tools
