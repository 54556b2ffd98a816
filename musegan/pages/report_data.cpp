#include "musegan/pages/report_data.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <utility>

#include "musegan/pages/page_phrase_data.hpp"
#include "musegan/pages/report_tables.hpp"
#include "tensor/units.hpp"

namespace musegan {

namespace {

using Json = nlohmann::ordered_json;

/// Of notes of a phrase without any; there is always room for these.
constexpr std::size_t silent_bytes = 8;

/// The phrases of a page, as long as there is room for them.
class PhrasePool {
  public:
    /// Its place; nothing for a phrase that does not fit any more.
    std::optional<std::size_t> add(std::string name, std::string file, const PackedPhrases& phrases, std::int64_t k) {
        Json json =
            json_of(PagePhrase{.name = std::move(name), .file = std::move(file), .roll = phrases.view().roll(k)});
        const std::size_t bytes = json.at("notes").get_ref<const std::string&>().size();
        if (bytes > silent_bytes && bytes_ + bytes > most_phrase_bytes) {
            ++left_out_;
            return std::nullopt;
        }
        bytes_ += bytes;
        phrases_.push_back(std::move(json));
        return phrases_.size() - 1;
    }
    Json take() { return std::move(phrases_); }
    std::int64_t left_out() const { return left_out_; }

  private:
    Json phrases_ = Json::array();
    std::size_t bytes_ = 0;
    std::int64_t left_out_ = 0;
};

/// A number, or null for what is not finite.
Json number(double value) { return std::isfinite(value) ? Json(value) : Json(); }

Json points_json(const ReportPoints& points) {
    Json x = Json::array(), y = Json::array();
    // Steps are whole numbers, and shorter so.
    for (const double step : points.x) x.push_back(static_cast<std::int64_t>(step));
    for (const double value : points.y) y.push_back(number(value));
    return {{"x", std::move(x)}, {"y", std::move(y)}};
}

Json chart_json(const ReportChart& chart) {
    Json curves = Json::array();
    for (const ReportCurve& curve : chart.curves) {
        const auto [red, green, blue] = curve.color;
        Json json{{"name", curve.name}, {"colour", fmt::format("#{:02x}{:02x}{:02x}", red, green, blue)}};
        json.update(points_json(curve.points));
        json["median"] = points_json(curve.median);
        json["reference"] = curve.reference ? number(*curve.reference) : Json();
        curves.push_back(std::move(json));
    }
    const Range range = chart.range();
    return {
        {"id", chart.id},       {"section", chart.section},         {"title", chart.title},       {"unit", chart.unit},
        {"words", chart.words}, {"range", {range.low, range.high}}, {"curves", std::move(curves)}};
}

/// "12:03:05", by the clock of this machine.
std::string clock_text(std::chrono::system_clock::time_point moment) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(moment);
    std::tm local{};
    localtime_r(&seconds, &local);
    return fmt::format("{:02}:{:02}:{:02}", local.tm_hour, local.tm_min, local.tm_sec);
}

Json live_json(const RunRecord& record) {
    using std::chrono::milliseconds, std::chrono::duration_cast;
    const std::optional<std::int64_t> steps = record.steps_asked();
    const std::optional<double> left = record.seconds_left();
    return {{"every", record.live->every},
            {"step", record.last_step()},
            {"steps", steps ? Json(*steps) : Json()},
            {"left", left && *left > 0 ? Json(tensor::duration_text(*left)) : Json()},
            {"written", clock_text(record.live->written)},
            {"writtenAt", duration_cast<milliseconds>(record.live->written.time_since_epoch()).count()}};
}

/// The JSON of a record, part by part: the dearest phrases first, as long as there is room.
class DataWriter {
  public:
    explicit DataWriter(const RunRecord& record) : record_(record) {}

    ReportData write(const std::vector<ReportChart>& charts) {
        Json samples = samples_json(), evolution = evolution_json(), nearest = nearest_json(),
             interpolation = interpolation_json();
        Json curves = Json::array();
        for (const ReportChart& chart : charts) curves.push_back(chart_json(chart));
        ReportData data;
        if (pool_.left_out() > 0)
            data.left_out.push_back(
                fmt::format("{} phrase{} with very many notes {} left out, so that the page stays small.",
                            tensor::count_text(pool_.left_out()), pool_.left_out() == 1 ? "" : "s",
                            pool_.left_out() == 1 ? "is" : "are"));
        Json json{{"tracks", tracks_json()},
                  {"figureOrder", figure_order},
                  {"phrases", pool_.take()},
                  {"samples", std::move(samples)},
                  {"evolution", std::move(evolution)},
                  {"nearest", std::move(nearest)},
                  {"interpolation", std::move(interpolation)},
                  {"charts", std::move(curves)},
                  {"model", record_.model ? Json::parse(record_.model->json) : Json()}};
        if (record_.live) json["live"] = live_json(record_);
        data.json = json.dump(-1, ' ', true, Json::error_handler_t::replace);
        return data;
    }

  private:
    /// A phrase of a sample file, called as the file is.
    std::optional<std::size_t> add_sample(const Sample& sample, std::int64_t k) {
        return pool_.add(fmt::format("step {}, phrase {}", tensor::count_text(sample.step), k + 1),
                         fmt::format("step_{:06}_{}", sample.step, k + 1), sample.phrases, k);
    }

    Json samples_json() {
        if (record_.samples.empty()) return {};
        const Sample& last = record_.samples.back();
        Json places = Json::array();
        for (std::int64_t k = 0; k < last.phrases.count(); ++k) {
            places_of_last_.push_back(add_sample(last, k));
            if (places_of_last_.back()) places.push_back(*places_of_last_.back());
        }
        return {{"step", last.step}, {"phrases", std::move(places)}};
    }

    /// The first phrase of every stage; the marked ones before the others, should there be little room.
    Json evolution_json() {
        const std::vector<Sample>& samples = record_.samples;
        if (samples.empty()) return {};
        std::vector<std::int64_t> steps;
        for (const Sample& sample : samples) steps.push_back(sample.step);
        std::vector<std::optional<std::size_t>> places(samples.size());
        std::vector<bool> is_tried(samples.size(), false);
        places.back() = places_of_last_.front();
        is_tried.back() = true;
        const auto place_of = [&](std::size_t k) {
            if (!is_tried[k]) places[k] = add_sample(samples[k], 0);
            is_tried[k] = true;
            return places[k];
        };
        Json marked = Json::array(), stages = Json::array();
        for (const std::size_t k : nearest_places(steps, paper_steps))
            if (place_of(k)) marked.push_back(steps[k]);
        for (std::size_t k = 0; k < samples.size(); ++k)
            if (const auto place = place_of(k)) stages.push_back({{"step", steps[k]}, {"phrase", *place}});
        return {{"stages", std::move(stages)}, {"marked", std::move(marked)}};
    }

    Json nearest_json() {
        Json nearest = Json::array();
        for (const NearestSample& found : record_.nearest) {
            const auto& place = places_of_last_[static_cast<std::size_t>(found.sample)];
            if (!place) continue;
            std::string name = fmt::format("data, phrase {}", tensor::count_text(found.found.phrase));
            if (found.found.semitones != 0) name += ", " + semitones_text(found.found.semitones);
            const auto data =
                pool_.add(std::move(name), fmt::format("data_{:06}", found.found.phrase), found.phrase, 0);
            if (!data) continue;
            nearest.push_back({{"phrase", *place},
                               {"data", *data},
                               {"number", found.found.phrase},
                               {"semitones", found.found.semitones},
                               {"distance", found.found.distance}});
        }
        return nearest;
    }

    Json interpolation_json() {
        if (!record_.interpolation) return {};
        const PhraseFolder& read = *record_.interpolation;
        const std::int64_t count = read.phrases.count(),
                           columns = read.columns.value_or(std::min<std::int64_t>(8, count));
        const PackedPhrases silence{read.phrases.shape,
                                    std::vector<std::uint8_t>(static_cast<std::size_t>(read.phrases.shape.bytes()))};
        Json places = Json::array(), captions = Json::array();
        for (std::int64_t k = 0; k < count; ++k) {
            std::string caption = read.captions[static_cast<std::size_t>(k)];
            const std::string file = fmt::format("point_{}_{}", k / columns + 1, k % columns + 1);
            auto place = pool_.add(caption, file, read.phrases, k);
            if (!place) {
                caption += " (left out: too many notes)";
                place = pool_.add(caption, file, silence, 0);
            }
            places.push_back(*place);
            captions.push_back(caption);
        }
        return {{"rows", (count + columns - 1) / columns},
                {"columns", columns},
                {"phrases", std::move(places)},
                {"captions", std::move(captions)}};
    }

    const RunRecord& record_;
    PhrasePool pool_;
    std::vector<std::optional<std::size_t>> places_of_last_;
};

}  // namespace

ReportData report_data(const RunRecord& record, const std::vector<ReportChart>& charts) {
    return DataWriter(record).write(charts);
}

}  // namespace musegan
