// musegan listen: songs as a page that shows and plays them.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "io/atomic_file.hpp"
#include "io/file.hpp"
#include "io/midi.hpp"
#include "io/printable_text.hpp"
#include "musegan/pages/listen_page.hpp"
#include "musegan/sources/files.hpp"
#include "tensor/error.hpp"
#include "tensor/units.hpp"
#include "tools/commands.hpp"
#include "tools/page_output.hpp"
#include "tools/setting_options.hpp"
#include "tools/shell_text.hpp"
#include "tools/standard_output.hpp"
#include "tools/terminal.hpp"
#include "tools/usage.hpp"

namespace tools {

namespace {

namespace fs = std::filesystem;

struct ListenCommand {
    std::vector<std::string> inputs;
    std::string out = "listen.html";
};

/// "jazz/a.mid" of "midi/jazz/a.mid" where midi/ was named; the file's own name where it was named itself.
std::string name_in(const std::vector<std::string>& inputs, const musegan::FoundFile& file) {
    for (const std::string& input : inputs) {
        std::error_code error;
        if (!fs::is_directory(input, error)) continue;
        const fs::path name = fs::path(file.name()).lexically_relative(input);
        if (!name.empty() && *name.begin() != "..") return io::printable_utf8(name.string());
    }
    return io::printable_utf8(fs::path(file.name()).filename().string());
}

/// Whether the command line names this very file.
bool is_named(const std::vector<std::string>& inputs, const musegan::FoundFile& file) {
    if (file.entry) return false;
    return std::ranges::any_of(inputs, [&](const std::string& input) {
        std::error_code error;
        return fs::is_regular_file(input, error) && fs::equivalent(input, file.path, error);
    });
}

musegan::ListenedSong listened(const musegan::FoundFile& file) {
    const std::string name = file.name();
    const std::vector<std::uint8_t> bytes = musegan::read_found(file, io::MidiLimits{}.file_bytes);
    return musegan::listened_song(musegan::read_song(bytes, name), name);
}

/// What a message says behind the name in brackets, which the list has anyway.
std::string reason_of(const std::string& message) {
    const std::size_t end = message.find("] ");
    return io::printable_utf8(message.starts_with("[") && end != std::string::npos ? message.substr(end + 2) : message);
}

musegan::ListenPage page_of(const ListenCommand& command, const std::vector<musegan::FoundFile>& files) {
    musegan::ListenPage page;
    Progress progress("listen", "files", static_cast<std::int64_t>(files.size()));
    for (std::size_t k = 0; k < files.size(); ++k) {
        if (interrupted()) end_interrupted("listen", "nothing was written");
        const std::string name = name_in(command.inputs, files[k]);
        try {
            const std::string stem = io::printable_utf8(fs::path(files[k].name()).stem().string());
            if (!page.add(listened(files[k]), name, stem)) {
                page.leave_out(static_cast<std::int64_t>(files.size() - k));
                break;
            }
        } catch (const tensor::Error& error) {
            if (is_named(command.inputs, files[k])) throw;
            page.add_unread({name, reason_of(error.what())});
        }
        progress.update(static_cast<std::int64_t>(k + 1));
    }
    return page;
}

/// Refuses before any work a page that would replace a song.
void check_output(const ListenCommand& command) {
    for (const std::string& input : command.inputs) {
        std::error_code error;
        if (fs::equivalent(input, command.out, error))
            tensor::fail(command.out, "is what the page is made of, expected another path for it (--out)");
    }
    require_page_output(command.out);
}

std::string title_of(const ListenCommand& command, const std::vector<musegan::FoundFile>& files) {
    if (files.size() == 1) return name_in(command.inputs, files.front());
    if (command.inputs.size() > 1) return "Songs";
    fs::path path = fs::path(command.inputs.front()).lexically_normal();
    if (!path.has_filename()) path = path.parent_path();  // "midi/"
    return path == "." || path.empty() ? "Songs" : io::printable_utf8(path.filename().string());
}

/// On standard error, as faults are.
void warn_of_unread(const musegan::ListenPage& page) {
    constexpr std::size_t most_names = 10;
    const auto unread = page.unread();
    for (std::size_t k = 0; k < std::min(unread.size(), most_names); ++k)
        fmt::print(stderr, "musegan: not read: {}: {}\n", unread[k].name, unread[k].reason);
    if (unread.size() > most_names)
        fmt::print(stderr, "musegan: not read: {} files more, which the page names\n", unread.size() - most_names);
}

int run(const ListenCommand& command) {
    if (command.inputs.empty()) throw UsageError("[listen] no input, expected MIDI files, or folders of them");
    require_stated(command.out, "listen", "--out", "the path of the page to write");
    check_output(command);
    watch_interrupt("ending soon");
    const std::vector<musegan::FoundFile> files =
        musegan::find_song_files({command.inputs.begin(), command.inputs.end()}, [](std::int64_t) {
            if (interrupted()) end_interrupted("listen", "nothing was written");
        });
    if (files.empty())
        tensor::fail(command.inputs.front(), "holds no song, expected .mid, .midi, .kar, .rmi or .npz files");
    const musegan::ListenPage page = page_of(command, files);
    if (page.songs() == 0)
        tensor::fail(command.inputs.front(), "none of {} files is a song that can be played; the first, {}: {}",
                     tensor::count_text(static_cast<std::int64_t>(files.size())), page.unread().front().name,
                     page.unread().front().reason);
    io::write_file_atomically(command.out, io::as_bytes(page.html(title_of(command, files))));
    warn_of_unread(page);
    if (page.left_out() > 0) say(page.room_text());
    say(fmt::format("{} {}: open {} in a browser", tensor::count_text(page.songs()),
                    page.songs() == 1 ? "song" : "songs", shell_quoted(command.out)));
    return 0;
}

}  // namespace

Action add_listen(CLI::App& app) {
    auto command = std::make_shared<ListenCommand>();
    CLI::App* const sub = app.add_subcommand("listen", "Make a page that shows and plays songs in a browser");
    sub->footer(
        "One HTML file that loads nothing: piano-rolls to look at, and five instruments that the page makes itself.\n"
        "Takes what `musegan prepare` takes but arrays of phrases. Of a folder it lists the files that are no songs,\n"
        "and takes as many songs as a page of 20 MB holds.\n"
        "Examples: musegan listen song.mid\n"
        "          musegan listen new/ --out new.html");
    sub->add_option("inputs", command->inputs, "MIDI files, .npz of pypianoroll, ZIP archives, folders (to any depth)");
    add_path(*sub, "--out", command->out, "The page to write")->capture_default_str();
    return [command] { return run(*command); };
}

}  // namespace tools
