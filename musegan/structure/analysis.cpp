#include "musegan/structure/analysis.hpp"

#include <utility>

#include "musegan/structure/novelty.hpp"
#include "musegan/structure/peaks.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

/// From 0 to `bars`, each once.
std::vector<std::int64_t> with_ends(std::vector<std::int64_t> inner, std::int64_t bars) {
    std::vector<std::int64_t> all{0};
    for (const std::int64_t bar : inner) {
        if (bar > all.back() && bar < bars) all.push_back(bar);
    }
    all.push_back(bars);
    return all;
}

constexpr std::int64_t msaf_window = 3;
constexpr std::int64_t authors_window = 25;

/// Fills in all but the piece and the boundaries' place in the roll.
void analyze_as_msaf(const PianoRoll& roll, StructureAnalysis& analysis) {
    constexpr std::int64_t fewest_frames = 21;
    analysis.frames_per_bar = PhraseShape::beats_per_bar;
    analysis.features = beat_chroma(roll, analysis.piece);
    analysis.first_bar = static_cast<double>((msaf_window + 1) / 2) / analysis.frames_per_bar;
    const std::int64_t frames = analysis.features.frames();
    if (frames >= fewest_frames) {
        const EmbeddedDistances distances(analysis.features, msaf_window, frames - msaf_window);
        const Neighbours neighbours = nearest_neighbours(distances, frames / 25);  // floor(0.04 frames)
        const Smoothing smoothing{normalized_gaussian(13.5), normalized_gaussian(0.5), Beyond::reflected};
        analysis.novelty = msaf_curve(novelty(lag_matrix(neighbours, false), smoothing));
        analysis.threshold = msaf_threshold(analysis.novelty);
        analysis.peaks = msaf_peaks(analysis.novelty, analysis.threshold);
    }
    analysis.boundaries = msaf_boundaries(analysis.peaks, analysis.piece.bars());
}

void analyze_as_authors(const PianoRoll& roll, StructureAnalysis& analysis) {
    analysis.frames_per_bar = 16;
    analysis.features = summed_chroma(roll, analysis.piece);
    analysis.first_bar = 14.0 / analysis.frames_per_bar;
    const std::int64_t rows = analysis.features.frames() - (authors_window - 1);
    if (rows >= 2) {
        const EmbeddedDistances distances(analysis.features, authors_window, rows);
        const std::int64_t count = (2 * rows + 25) / 50;  // round(0.04 rows), the moment itself among them
        const Neighbours neighbours = nearest_neighbours(distances, count - 1);
        const Smoothing smoothing{sampled_gaussian(300, 60.0), sampled_gaussian(3, 0.6), Beyond::zero};
        analysis.novelty = authors_curve(novelty(lag_matrix(neighbours, count > 0), smoothing));
        analysis.threshold.assign(analysis.novelty.size(), authors_threshold);
        analysis.peaks = authors_peaks(analysis.novelty);
    }
    analysis.boundaries =
        authors_boundaries(analysis.peaks, static_cast<std::int64_t>(analysis.novelty.size()), analysis.piece.bars());
}

}  // namespace

std::vector<std::int64_t> msaf_boundaries(const std::vector<std::int64_t>& peaks, std::int64_t bars) {
    std::vector<std::int64_t> inner;
    for (const std::int64_t peak : peaks) {
        const std::int64_t beat = peak + (msaf_window + 1) / 2;
        inner.push_back((beat + PhraseShape::beats_per_bar / 2) / PhraseShape::beats_per_bar);
    }
    return with_ends(std::move(inner), bars);
}

std::vector<std::int64_t> authors_boundaries(const std::vector<std::int64_t>& peaks, std::int64_t curve_size,
                                             std::int64_t bars) {
    // In frames, counted from 1: the first peak is the song's beginning if it stands among the first 21 frames, else
    // frame 1 is; the last one is the song's end if it stands among the last 20, else frame N is.
    const std::int64_t last_frame = curve_size + 1;
    std::vector<std::int64_t> inner;
    for (const std::int64_t peak : peaks) {
        const std::int64_t frame = peak + 1;
        const bool is_beginning = peak == peaks.front() && frame <= 21;
        const bool is_end = peak == peaks.back() && frame >= last_frame - 20;
        if (!is_beginning && !is_end) inner.push_back((2 * (frame + 13) + 16) / 32);  // round((frame + 13) * 6 / 96)
    }
    return with_ends(std::move(inner), bars);
}

std::vector<BarRange> pieces_of(const BarRange& range) {
    const std::int64_t count = (range.bars() + most_bars_at_once - 1) / most_bars_at_once;
    std::vector<BarRange> pieces;
    for (std::int64_t k = 0; k < count; ++k)
        pieces.push_back({range.begin + range.bars() * k / count, range.begin + range.bars() * (k + 1) / count});
    return pieces;
}

StructureAnalysis analyze(const PianoRoll& roll, const BarRange& piece, Segmentation way) {
    if (way == Segmentation::fixed) tensor::fail("structure", "fixed has no sections, expected sf or sf-authors");
    if (piece.bars() < 1 || piece.bars() > most_bars_at_once)
        tensor::fail("structure", "{} bars, expected 1 to {} at once", piece.bars(), most_bars_at_once);
    StructureAnalysis analysis;
    analysis.piece = piece;
    if (way == Segmentation::sf) analyze_as_msaf(roll, analysis);
    else analyze_as_authors(roll, analysis);
    for (std::int64_t& bar : analysis.boundaries) bar += piece.begin;
    return analysis;
}

}  // namespace musegan
