#include "musegan/pages/run_record.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <set>

#include "io/printable_text.hpp"
#include "io/toml.hpp"
#include "musegan/data/dataset.hpp"
#include "musegan/music/files.hpp"
#include "musegan/phrase/grid.hpp"
#include "musegan/phrase/transposition.hpp"
#include "musegan/training/checkpoint.hpp"
#include "musegan/training/config.hpp"
#include "tensor/error.hpp"
#include "tensor/units.hpp"

namespace musegan {

namespace {

namespace fs = std::filesystem;

bool is_there(const fs::path& path) {
    std::error_code unused;
    return fs::exists(path, unused);
}

std::string counted(std::int64_t count, const char* one) {
    return fmt::format("{} {}{}", tensor::count_text(count), one, count == 1 ? "" : "s");
}

std::string text_of(const io::TomlValue& value) {
    if (const auto* const text = value.get<std::string>()) return *text;
    if (const auto* const whole = value.get<std::int64_t>()) return fmt::format("{}", *whole);
    if (const auto* const number = value.get<double>()) return fmt::format("{}", *number);
    if (const auto* const is_so = value.get<bool>()) return *is_so ? "yes" : "no";
    return std::string(value.kind());
}

/// Reads a run part by part.
class RecordReader {
  public:
    RecordReader(const RunFolder& run, const RecordSources& sources, bool is_training) : run_(run), sources_(sources) {
        record_.folder = run.path();
        record_.is_training = is_training;
    }

    RunRecord read() {
        forgive([&] { read_settings(); });
        if (!sources_.data.empty()) record_.data = sources_.data;
        if (is_there(run_.log())) forgive([&] { read_log(); });
        if (is_there(run_.metrics())) forgive([&] { read_metrics(); });
        forgive([&] { read_samples(); });
        part(sources_.evaluation, run_.evaluation(),
             [&](const fs::path& path) { record_.evaluation = read_evaluation(path); });
        part(sources_.interpolation, run_.interpolation(), [&](const fs::path& path) { read_points(path); });
        if (record_.evaluation) note_age(sources_.evaluation, run_.evaluation());
        if (record_.interpolation) note_age(sources_.interpolation, run_.interpolation());
        if (!record_.is_training) part(sources_.data, record_.data, [&](const fs::path& path) { find_nearest(path); });
        if (sources_.model && is_there(run_.model())) read_model();
        return std::move(record_);
    }

  private:
    /// What cannot be read is left out, and the reason said.
    template <typename Work>
    void forgive(const Work& work) {
        try {
            work();
        } catch (const std::exception& error) {
            note_torn(fmt::format("Left out: {}.", error.what()));
        }
    }
    /// What a file lacks that may be about to be written: a fault once nobody writes any more.
    void note_torn(std::string fault) {
        if (!record_.is_training) record_.faults.push_back(std::move(fault));
    }
    /// What was named has to be there and whole; what is looked for may be neither.
    template <typename Work>
    void part(const fs::path& named, const fs::path& otherwise, const Work& work) {
        if (!named.empty()) work(named);
        else if (!otherwise.empty() && is_there(otherwise)) forgive([&] { work(otherwise); });
    }

    /// What was made of the model before the run went on says nothing of it now.
    void note_age(const fs::path& named, const fs::path& otherwise) {
        std::error_code unknown, also_unknown;
        const auto then = fs::last_write_time(otherwise, unknown);
        const auto now = fs::last_write_time(run_.model(), also_unknown);
        // A copy of a run writes its files anew, in any order, within moments.
        constexpr std::chrono::minutes copying{1};
        if (named.empty() && !unknown && !also_unknown && then + copying < now)
            record_.faults.push_back(fmt::format("{} is older than the model: it may be of an earlier step.",
                                                 otherwise.filename().string()));
    }

    void read_settings() {
        if (!is_there(run_.config())) return;
        const std::string text = read_config(run_);
        record_.data = data_path_in(text).value_or("");
        record_.start_from = start_path_in(text).value_or("");
        const io::TomlTable table = io::parse_toml(text, run_.config().string());
        for (const auto& [key, value] : {std::pair("name", &record_.preset), std::pair("about", &record_.about)})
            if (const io::TomlEntry* const entry = table.find(key)) *value = text_of(entry->value);
        const io::TomlEntry* const settings = table.find("settings");
        const auto* const list = settings == nullptr ? nullptr : settings->value.get<io::TomlTable>();
        if (list == nullptr) return;
        for (const io::TomlEntry& entry : list->entries) record_.settings.emplace_back(entry.key, text_of(entry.value));
    }

    void read_log() {
        record_.log = musegan::read_log(run_);
        if (record_.log.damaged > 0)
            record_.faults.push_back(fmt::format("log.csv has {}, which {} left out.",
                                                 counted(record_.log.damaged, "damaged line"),
                                                 record_.log.damaged == 1 ? "is" : "are"));
        if (record_.log.is_cut) note_torn(cut_text("log.csv"));
    }
    static std::string cut_text(const char* file) {
        return fmt::format("The last line of {} has no end, as a killed run leaves it: it is left out.", file);
    }

    void read_metrics() {
        record_.metrics = read_metric_log(run_);
        if (record_.metrics.is_cut) note_torn(cut_text("metrics.csv"));
        if (record_.metrics.damaged > 0)
            record_.faults.push_back(fmt::format("metrics.csv has {}, which {} left out.",
                                                 counted(record_.metrics.damaged, "damaged line"),
                                                 record_.metrics.damaged == 1 ? "is" : "are"));
    }

    /// Where a sample is damaged, another one stands for it.
    void read_samples() {
        std::vector<SampleFile> files = sample_files(run_);
        record_.sample_files = static_cast<std::int64_t>(files.size());
        std::map<fs::path, Sample> read;
        while (true) {
            const std::vector<std::size_t> chosen = chosen_stages(files);
            std::set<std::size_t> damaged;
            for (const std::size_t k : chosen) {
                if (read.contains(files[k].path)) continue;
                try {
                    read[files[k].path] = whole_sample(files[k]);
                } catch (const tensor::Error& error) {
                    damaged.insert(k);
                    note_damaged(error.what());
                }
            }
            if (damaged.empty()) {
                for (const std::size_t k : chosen) record_.samples.push_back(std::move(read[files[k].path]));
                break;
            }
            for (auto k = damaged.rbegin(); k != damaged.rend(); ++k)
                files.erase(files.begin() + static_cast<std::ptrdiff_t>(*k));
        }
        if (damaged_samples_ > 0)
            note_torn(
                fmt::format("{} of {} could not be read and {} left out: {}{}.", tensor::count_text(damaged_samples_),
                            counted(record_.sample_files, "file") + " of samples", damaged_samples_ == 1 ? "is" : "are",
                            fmt::join(damaged_reasons_, "; "), damaged_samples_ > 3 ? "; and others" : ""));
    }

    static std::vector<std::size_t> chosen_stages(const std::vector<SampleFile>& files) {
        std::vector<std::int64_t> steps;
        for (const SampleFile& file : files) steps.push_back(file.step);
        std::set<std::size_t> chosen;
        for (const std::size_t k : nearest_places(steps, paper_steps)) chosen.insert(k);
        for (const std::size_t k : spread_places(files.size(), record_stages - paper_steps.size())) chosen.insert(k);
        return {chosen.begin(), chosen.end()};
    }

    /// Its step is that of the name, by which files are in order.
    static Sample whole_sample(const SampleFile& file) {
        Sample sample = read_sample(file.path);
        sample.step = file.step;
        const PhraseView first = sample.phrases.view().first(record_phrases);
        sample.phrases.bits.resize(first.bits().size());
        return sample;
    }

    void note_damaged(const std::string& reason) {
        constexpr std::size_t told = 3;
        ++damaged_samples_;
        if (damaged_reasons_.size() < told) damaged_reasons_.push_back(reason);
    }

    /// Of the samples, or of what the settings say.
    PhraseShape shape() const {
        if (!record_.samples.empty()) return record_.samples.back().phrases.shape;
        const auto steps = io::parse_number<int>(record_.setting("steps_per_beat"));
        const bool is_grid = steps && std::ranges::find(PhraseShape::grids, *steps) != PhraseShape::grids.end();
        return is_grid ? paper_shape.on_grid(*steps) : paper_shape;
    }

    void read_points(const fs::path& folder) {
        PhraseFolder read = read_phrase_folder(folder, 0, most_in_picture);
        read.phrases = reduce(read.phrases, shape().steps_per_beat);
        if (read.phrases.count() < read.available)
            note_torn(fmt::format("{} of the {} phrases in {} are here.", tensor::count_text(read.phrases.count()),
                                  tensor::count_text(read.available), io::printable_utf8(folder.string())));
        for (const std::string& note : read.notes)
            note_torn(fmt::format("{}: {}.", io::printable_utf8(folder.string()), note));
        record_.interpolation = std::move(read);
    }

    /// A model that is damaged, or too large for a page, costs the section in which it makes music.
    void read_model() {
        try {
            record_.model = page_model(io::SafetensorsFile::open(run_.model()));
        } catch (const std::exception& error) {
            record_.no_model = error.what();
        }
    }

    void find_nearest(const fs::path& path) {
        if (record_.samples.empty()) return;
        const Dataset data = Dataset::open(path);
        if (run_.has_state() && !is_data_of(data, run_))
            tensor::fail(path.string(), "is not the dataset that the run began with (--data FILE names another)");
        const PackedPhrases& samples = record_.samples.back().phrases;
        if (data.shape().on_grid(samples.shape.steps_per_beat) != samples.shape)
            tensor::fail(path.string(), "phrases of {}, expected those of the samples: {}", data.shape().to_string(),
                         samples.shape.to_string());
        const PhraseSequence phrases = on_grid(data.phrases(), samples.shape.steps_per_beat);
        const std::vector<NearestPhrase> found = nearest_phrases(samples, phrases);
        record_.data_phrases = data.count();
        std::vector<std::uint8_t> room;
        for (std::size_t k = 0; k < found.size(); ++k) {
            if (found[k].phrase < 0) continue;
            const PhraseView own(phrases.shape(), phrases.read(found[k].phrase, room));
            record_.nearest.push_back({static_cast<std::int64_t>(k), found[k], moved(own, found[k].semitones)});
        }
    }

    const RunFolder& run_;
    const RecordSources& sources_;
    RunRecord record_;
    std::int64_t damaged_samples_ = 0;
    std::vector<std::string> damaged_reasons_;
};

}  // namespace

std::int64_t RunRecord::last_step() const {
    double last = -1;
    if (log.rows() > 0) last = log.values.front().back();
    if (!metrics.steps.empty()) last = std::max(last, metrics.steps.back());
    if (!samples.empty()) last = std::max(last, static_cast<double>(samples.back().step));
    return static_cast<std::int64_t>(last);
}

std::optional<std::int64_t> RunRecord::steps_asked() const {
    const auto steps = io::parse_number<std::int64_t>(setting("steps"));
    return steps && *steps >= last_step() ? steps : std::nullopt;
}

std::optional<double> RunRecord::seconds_left() const {
    const std::optional<std::int64_t> steps = steps_asked();
    if (!steps || !log.contains("steps_per_second")) return std::nullopt;
    constexpr std::size_t looked_at = 100;
    const std::vector<double>& rates = log.column("steps_per_second");
    double seconds = 0;
    std::int64_t counted = 0;
    for (std::size_t k = rates.size() - std::min(rates.size(), looked_at); k < rates.size(); ++k) {
        if (!std::isfinite(rates[k]) || rates[k] <= 0) continue;
        seconds += 1 / rates[k];
        ++counted;
    }
    if (counted == 0) return std::nullopt;
    return static_cast<double>(*steps - last_step()) * seconds / static_cast<double>(counted);
}

std::string RunRecord::setting(const std::string& key) const {
    for (const auto& [name, value] : settings)
        if (name == key) return value;
    return {};
}

RunRecord read_run(const fs::path& folder, const RecordSources& sources, bool is_training) {
    const RunFolder run(folder);
    if (!is_there(folder)) tensor::fail(folder.string(), "nothing is there, expected the folder of a `musegan train`");
    if (!run.has_any_file())
        tensor::fail(folder.string(),
                     "has no file of a run (config.toml, log.csv, model.safetensors, state.safetensors), expected the "
                     "folder of a `musegan train`");
    return RecordReader(run, sources, is_training).read();
}

}  // namespace musegan
