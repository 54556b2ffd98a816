// Which files a list of folders holds, those inside ZIP archives included.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "io/zip.hpp"

namespace musegan {

struct FoundFile {
    std::filesystem::path path;         ///< of the file, or of the archive that it is an entry of
    std::string problem;                ///< why there is nothing to read; empty for a file that can be tried
    std::optional<io::ZipEntry> entry;  ///< of the archive; none for a file of its own

    /// How reports call it: "songs/a.mid", "songs.zip/inner/a.mid". Control characters of an entry's name become '?'.
    std::string name() const;
};

/// All .mid, .midi, .kar, .rmi, .npz and .npy files (any case) below `inputs` and in the .zip archives there, sorted by
/// path (the entries of an archive by name) and each once, whatever order the file system lists them in. A file named
/// directly is taken whatever its ending; it counts as an archive of such files if it ends in .zip, or begins as
/// archives do and holds no array of NumPy. Throws Error for no input or a path that does not exist. `looking` is
/// called every now and then with the files found; throwing from it ends the search.
///
/// Archives: entries count if their names have one of the endings above; of several with one name the last counts, as
/// it would replace the others where the archive is unpacked. Archives within archives are not opened. An archive that
/// cannot be read becomes a file with a problem, as does one without such a file if it was named directly. An entry is
/// unpacked whole, up to the 64 MiB that a song may have: a large array of phrases is read on its own, where it is
/// read in steady memory (phrase_array.hpp), and not from inside a .zip.
///
/// Left out, unless named directly, are files whose names begin with "._", and in archives all of __MACOSX/: there
/// macOS keeps what it knows of a song, under the song's own ending.
///
/// Links to files are read. Links to folders are followed, each folder once: first all folders that no link is needed
/// for are searched, then the links in the order of their paths, those found on the way among them. A link to a folder
/// above an input, where a whole disk may lie, is not followed and becomes a file with a problem. A link that leads
/// nowhere is a file whose reading fails if it has one of the endings; of all others in one folder, which may have
/// led to songs or to anything else, the first becomes a file with a problem that says how many there are.
///
/// A folder that cannot be listed becomes a file with a problem.
std::vector<FoundFile> find_song_files(const std::vector<std::filesystem::path>& inputs,
                                       const std::function<void(std::int64_t)>& looking = {});

/// The bytes of a file that was found. Throws Error where it has a problem, cannot be read or unpacked, or has more
/// than `max_bytes`. An archive is mapped, and only the entry in it is read: an Error, too, if its header, length or
/// checksum are not those that were found. One that is cut short at this very moment ends the process
/// (io/mapped_file.hpp).
std::vector<std::uint8_t> read_found(const FoundFile& file, std::int64_t max_bytes);

}  // namespace musegan
