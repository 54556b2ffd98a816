#include "musegan/sources/files.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <set>
#include <string_view>
#include <system_error>
#include <tuple>
#include <utility>

#include "io/file.hpp"
#include "io/mapped_file.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace fs = std::filesystem;

namespace {

std::string lower_extension(const fs::path& path) {
    std::string extension = path.extension().string();
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return extension;
}

bool has_song_extension(const fs::path& path) {
    constexpr std::array<std::string_view, 6> extensions{".mid", ".midi", ".kar", ".rmi", ".npz", ".npy"};
    return std::ranges::find(extensions, lower_extension(path)) != extensions.end();
}

bool has_archive_extension(const fs::path& path) { return lower_extension(path) == ".zip"; }

/// What macOS keeps beside a file on disks and in archives that are not its own.
bool is_resource_fork(const fs::path& path) {
    return path.filename().native().starts_with("._") || path.native().starts_with("__MACOSX/");
}

/// Whether a file is an archive, and none of arrays, which is a song or a set of phrases.
bool is_archive_of_songs(const fs::path& path) {
    try {
        const io::MappedFile file(io::open_for_reading(path), path.string());
        if (!io::begins_as_zip(file.bytes())) return false;
        if (lower_extension(path) == ".npz") return false;
        return std::ranges::none_of(io::read_zip_directory(file.bytes(), path.string()),
                                    [](const io::ZipEntry& entry) { return lower_extension(entry.name) == ".npy"; });
    } catch (const tensor::Error&) {
        return false;  // whoever reads it will say why not
    }
}

/// Calls a function with a count, now and then.
class Teller {
  public:
    explicit Teller(const std::function<void(std::int64_t)>& looking) : looking_(looking) {}
    void tell(std::size_t found) {
        constexpr int entries = 256;  // of a folder: milliseconds
        if (looking_ && ++calls_ % entries == 0) looking_(static_cast<std::int64_t>(found));
    }

  private:
    const std::function<void(std::int64_t)>& looking_;
    int calls_ = 0;
};

/// A file, or an archive that has not been opened.
struct Candidate {
    fs::path path;
    std::string problem;
    bool is_archive = false;
    bool is_named = false;  ///< directly, by an input
};

/// Collects the files of folders.
class Search {
  public:
    explicit Search(Teller& teller) : teller_(teller) {}

    void add_input(const fs::path& input);
    /// All folders among the inputs, with all below them, then the links.
    std::vector<Candidate> run();

  private:
    void list_folder(const fs::path& folder, std::vector<fs::path>& pending);
    void follow(const fs::path& link);
    void add_broken_links(const std::vector<std::pair<fs::path, std::string>>& links);
    enum class Known { searched_again, left_out };
    /// Searches a folder and all below it, those that were searched before as `known` says.
    void search_below(const fs::path& top, Known known);

    Teller& teller_;
    std::vector<fs::path> inputs_;
    std::set<fs::path> above_;     ///< the real paths of all folders above the inputs
    std::set<fs::path> searched_;  ///< the real paths of folders
    std::set<fs::path> links_;     ///< to folders, not yet followed
    std::vector<Candidate> found_;
};

void Search::add_input(const fs::path& input) {
    std::error_code error;
    const fs::file_status status = fs::status(input, error);
    if (status.type() == fs::file_type::not_found)
        tensor::fail(input.string(), "no such file or folder, expected a folder with music or a file");
    if (fs::is_directory(status)) {
        inputs_.push_back(input);
        for (fs::path real = fs::canonical(input, error); real.has_relative_path(); real = real.parent_path())
            above_.insert(real.parent_path());
    } else if (error) {
        found_.push_back({input, error.message(), false, true});
    } else {
        const bool is_archive =
            has_archive_extension(input) || (fs::is_regular_file(status) && is_archive_of_songs(input));
        found_.push_back({input, "", is_archive, true});
    }
}

std::vector<Candidate> Search::run() {
    // Inputs may contain each other: which spelling of a file is kept is settled by sorting, not here.
    for (const fs::path& input : inputs_) search_below(input, Known::searched_again);
    while (!links_.empty()) follow(links_.extract(links_.begin()).value());
    return std::move(found_);
}

void Search::search_below(const fs::path& top, Known known) {
    std::vector<fs::path> pending{top};
    while (!pending.empty()) {
        const fs::path folder = std::move(pending.back());
        pending.pop_back();
        std::error_code error;
        const fs::path real = fs::canonical(folder, error);
        const bool is_new = error || searched_.insert(real).second;
        if (!is_new && known == Known::left_out) continue;
        list_folder(folder, pending);
    }
}

/// Lists one folder; folders below it go to `pending`, links to folders to links_.
void Search::list_folder(const fs::path& folder, std::vector<fs::path>& pending) {
    std::vector<std::pair<fs::path, std::string>> broken_links;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        std::error_code ignored, status_error;
        teller_.tell(found_.size());
        const fs::path& path = entry->path();
        const bool is_link = entry->is_symlink(ignored);
        if (entry->is_directory(ignored)) {
            if (is_link) links_.insert(path);
            else pending.push_back(path);
        } else if (has_song_extension(path) || has_archive_extension(path)) {
            if (!is_resource_fork(path.filename())) found_.push_back({path, "", has_archive_extension(path), false});
        } else if (is_link && !fs::exists(entry->status(status_error))) {
            broken_links.emplace_back(path, status_error.message());
        }
    }
    if (error) found_.push_back({folder, "the folder cannot be listed: " + error.message(), false, false});
    add_broken_links(broken_links);
}

void Search::follow(const fs::path& link) {
    std::error_code error;
    const fs::path real = fs::canonical(link, error);
    if (above_.contains(real) && !searched_.contains(real))
        found_.push_back({link, "the link leads to a folder above an input, which is not searched", false, false});
    else search_below(link, Known::left_out);
}

void Search::add_broken_links(const std::vector<std::pair<fs::path, std::string>>& links) {
    if (links.empty()) return;
    const auto first = std::ranges::min_element(links);
    std::string problem = "the link cannot be followed: " + first->second;
    if (links.size() > 1) problem += fmt::format(" (the first of {} such links in its folder)", links.size());
    found_.push_back({first->first, problem, false, false});
}

/// The path without "." and "..", unless it is another file's: ".." behind a link leads to the parent of its target.
fs::path shorter(const fs::path& path) {
    fs::path normal = path.lexically_normal();
    std::error_code error;
    const bool is_same = std::ranges::find(path, "..") == path.end() || fs::equivalent(path, normal, error);
    return is_same ? normal : path;
}

/// Sorts by path. One file counts once, however it was reached: by another spelling of its folder, or by a link.
void sort_and_join(std::vector<Candidate>& found, Teller& teller) {
    for (Candidate& file : found) file.path = shorter(file.path);
    std::ranges::sort(found, [](const Candidate& a, const Candidate& b) {
        return std::tie(a.path.native(), a.problem) < std::tie(b.path.native(), b.problem);
    });
    std::map<fs::path, std::size_t> places;  // among those that are kept
    std::size_t kept = 0;
    for (Candidate& file : found) {
        teller.tell(found.size());
        std::error_code error;
        const fs::path real = fs::canonical(file.path, error);
        const bool is_itself = error || !file.problem.empty();  // what is told of a link is not told of its target
        const auto [place, is_new] = places.emplace(is_itself ? file.path : real, kept);
        if (is_new) {
            if (&found[kept] != &file) found[kept] = std::move(file);
            ++kept;
        } else {
            found[place->second].is_archive |= file.is_archive;
            found[place->second].is_named |= file.is_named;
        }
    }
    found.resize(kept);
}

using Songs = std::map<std::string, io::ZipEntry>;

/// The songs of an archive by name. Throws Error for an archive that cannot be read, and for one whose entries share
/// bytes.
Songs songs_of(const fs::path& archive) {
    const std::string name = archive.string();
    const io::MappedFile file(io::open_for_reading(archive), name);
    const std::vector<io::ZipEntry> entries = io::read_zip_directory(file.bytes(), name);
    io::check_packed_bytes(entries, file.bytes().size(), name);
    Songs songs;
    for (const io::ZipEntry& entry : entries)
        if (has_song_extension(entry.name) && !is_resource_fork(entry.name)) songs.insert_or_assign(entry.name, entry);
    return songs;
}

/// The songs of one archive, in the order of their names.
void list_archive(const Candidate& archive, std::vector<FoundFile>& found, Teller& teller) {
    Songs songs;
    try {
        songs = songs_of(archive.path);
    } catch (const tensor::Error& error) {
        found.push_back({archive.path, tensor::fact_of(error, archive.path.string()), {}});
        return;
    }
    for (auto& [name, entry] : songs) {
        teller.tell(found.size());
        found.push_back({archive.path, "", std::move(entry)});
    }
    if (songs.empty() && archive.is_named)
        found.push_back({archive.path, "holds no .mid, .midi, .kar, .rmi, .npz or .npy file", {}});
}

}  // namespace

std::string FoundFile::name() const {
    if (!entry) return path.string();
    std::string inner = entry->name;
    std::ranges::replace_if(
        inner, [](unsigned char c) { return c < 32 || c == 127; }, '?');
    return path.string() + "/" + inner;
}

std::vector<FoundFile> find_song_files(const std::vector<fs::path>& inputs,
                                       const std::function<void(std::int64_t)>& looking) {
    if (inputs.empty()) tensor::fail("prepare", "no input, expected folders or files (musegan prepare DIR --out FILE)");
    Teller teller(looking);
    Search search(teller);
    for (const fs::path& input : inputs) search.add_input(input);
    std::vector<Candidate> candidates = search.run();
    sort_and_join(candidates, teller);
    std::vector<FoundFile> found;
    for (Candidate& candidate : candidates)
        if (candidate.is_archive && candidate.problem.empty()) list_archive(candidate, found, teller);
        else found.push_back({std::move(candidate.path), std::move(candidate.problem), {}});
    return found;
}

std::vector<std::uint8_t> read_found(const FoundFile& file, std::int64_t max_bytes) {
    if (!file.problem.empty()) tensor::fail(file.name(), "{}", file.problem);
    if (!file.entry) return io::read_file(file.path, max_bytes);
    const io::MappedFile archive(io::open_for_reading(file.path), file.path.string());
    return io::unpack_zip_entry(archive.bytes(), *file.entry, max_bytes, file.name());
}

}  // namespace musegan
