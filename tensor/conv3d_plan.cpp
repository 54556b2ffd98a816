#include "tensor/conv3d_plan.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <tuple>
#include <utility>

namespace tensor {

namespace {

constexpr int time_axis = 0, track_axis = 2;

/// Element strides of the four outer axes: phrase, then time, pitch, track.
struct VolumeStrides {
    std::int64_t phrase = 0;
    std::array<std::int64_t, 3> axis{};
};

VolumeStrides strides_of(const Extents& extents, std::int64_t channels) {
    VolumeStrides strides;
    strides.axis[2] = channels;
    strides.axis[1] = extents.track * strides.axis[2];
    strides.axis[0] = extents.pitch * strides.axis[1];
    strides.phrase = extents.time * strides.axis[0];
    return strides;
}

/// Neighbouring taps of one axis, [first, first + count). With count > 1 they are merged: one product multiplies them
/// all, its inner extent being count times as long, in place of `count` products that add to the same rows of y.
struct TapChunk {
    std::int64_t first = 0, count = 1;
};

/// Cuts the taps of one axis into chunks. `mergeable` says that a tap's `tap_elements` numbers of x lie right behind
/// those of the tap before: the kernel covers all axes inside this one whole, and this one has no dilation or padding.
/// `limit` is the most elements that a merged row may have: the step in x from one row of the product to the next, so
/// that rows do not overlap (A writes them). Kernel 3 and stride 2 along tracks of 4 channels: taps of 4 elements, rows
/// 8 apart, chunks {0, 1} and {2}. Kernel 5 over all 5 tracks: one chunk, the five taps read as 20 channels.
std::vector<TapChunk> chunk_taps(const Conv3dGeometry& geometry, int axis, bool mergeable, std::int64_t tap_elements,
                                 std::int64_t limit) {
    std::vector<TapChunk> chunks;
    const std::int64_t longest = mergeable ? std::max<std::int64_t>(1, limit / tap_elements) : 1;
    for (std::int64_t tap = 0; tap < geometry.kernel[axis]; tap += longest)
        chunks.push_back({tap, std::min(longest, geometry.kernel[axis] - tap)});
    return chunks;
}

/// Output positions [begin, end) of one axis for which tap `tap` falls inside the input.
struct Range {
    std::int64_t begin = 0, end = 0;
    std::int64_t count() const { return std::max<std::int64_t>(0, end - begin); }
};

Range valid_outputs(const Conv3dGeometry& geometry, int axis, std::int64_t tap) {
    const std::int64_t shift = tap * geometry.dilation[axis] - geometry.padding[axis], s = geometry.stride[axis];
    const std::int64_t begin = shift >= 0 ? 0 : (-shift + s - 1) / s;
    const std::int64_t room = geometry.input[axis] - 1 - shift;
    return {begin, room < 0 ? 0 : std::min(geometry.output[axis], room / s + 1)};
}

/// How many axes (from the track outward, then the phrase) one run of rows spans, if each covers its whole range.
class RowNest {
  public:
    RowNest(const Conv3dGeometry& geometry, std::int64_t phrases, const VolumeStrides& x, const VolumeStrides& y)
        : geometry_(geometry), phrases_(phrases), x_(x), y_(y) {}

    /// Spans as many axes as nest evenly in both x and y for these output ranges. `outermost` is the first axis inside
    /// the run: 3 = none, 0 = all spatial ones, -1 = the phrases too.
    struct Span {
        int outermost = 3;
        std::int64_t rows = 1, x_step = 0, y_step = 0;
    };
    Span span(const std::array<Range, 3>& ranges) const {
        Span result;
        for (int axis = track_axis; axis >= -1; --axis) {
            const std::int64_t count = axis < 0 ? phrases_ : ranges[static_cast<std::size_t>(axis)].count();
            const std::int64_t x_step =
                axis < 0 ? x_.phrase : x_.axis[static_cast<std::size_t>(axis)] * geometry_.stride[axis];
            const std::int64_t y_step = axis < 0 ? y_.phrase : y_.axis[static_cast<std::size_t>(axis)];
            if (count != 1) {
                if (result.rows == 1) {
                    result.x_step = x_step;
                    result.y_step = y_step;
                } else if (x_step != result.rows * result.x_step || y_step != result.rows * result.y_step) {
                    return result;
                }
                result.rows *= count;
            }
            result.outermost = axis;
        }
        return result;
    }

  private:
    const Conv3dGeometry& geometry_;
    std::int64_t phrases_;
    VolumeStrides x_, y_;
};

class Planner {
  public:
    Planner(const Conv3dGeometry& geometry, std::int64_t phrases, PlanRows rows)
        : geometry_(geometry),
          phrases_(phrases),
          x_(strides_of(geometry.input, geometry.in_channels)),
          y_(strides_of(geometry.output, geometry.out_channels)),
          nest_(geometry, phrases, x_, y_) {
        whole_ = {Range{0, geometry.output.time}, Range{0, geometry.output.pitch}, Range{0, geometry.output.track}};
        const RowNest::Span along_volume = nest_.span(whole_);
        constexpr std::int64_t enough_neighbours = 6;
        const bool takes_neighbours = rows == PlanRows::neighbours && along_volume.rows >= enough_neighbours;
        rows_are_phrases_ = phrases > along_volume.rows && !takes_neighbours;
        row_step_ = rows_are_phrases_ ? x_.phrase : along_volume.rows > 1 ? along_volume.x_step : x_.phrase;
    }

    std::vector<GemmRun> runs() {
        // Taps merge from the innermost axis outward while everything inside is covered.
        std::array<std::vector<TapChunk>, 3> chunks;
        bool covered = true;
        for (int axis = track_axis; axis >= time_axis; --axis) {
            const auto k = static_cast<std::size_t>(axis);
            const bool mergeable = covered && geometry_.dilation[axis] == 1 && geometry_.padding[axis] == 0;
            chunks[k] = chunk_taps(geometry_, axis, mergeable, x_.axis[k], row_step_);
            // The axis outside can merge only if this one's taps are one chunk that spans its whole extent.
            covered = mergeable && chunks[k].size() == 1 && geometry_.kernel[axis] == geometry_.input[axis];
        }
        for (const TapChunk& r : chunks[0])
            for (const TapChunk& s : chunks[1])
                for (const TapChunk& u : chunks[2]) add_tap({r, s, u});
        return std::move(runs_);
    }

  private:
    void add_tap(const std::array<TapChunk, 3>& tap) {
        std::array<Range, 3> ranges;
        std::int64_t x_offset = 0, w_taps = 0, inner = geometry_.in_channels;
        for (int axis = 0; axis < 3; ++axis) {
            const auto k = static_cast<std::size_t>(axis);
            ranges[k] = valid_outputs(geometry_, axis, tap[k].first);
            if (ranges[k].count() == 0) return;
            x_offset += (tap[k].first * geometry_.dilation[axis] - geometry_.padding[axis]) * x_.axis[k];
            w_taps = w_taps * geometry_.kernel[axis] + tap[k].first;
            inner *= tap[k].count;
        }
        GemmRun run;
        run.w_offset = w_taps * geometry_.in_channels * geometry_.out_channels;
        run.inner = inner;
        const RowNest::Span span = nest_.span(ranges);
        run.rows = rows_are_phrases_ ? phrases_ : span.rows;
        run.x_step = rows_are_phrases_ ? x_.phrase : span.rows > 1 ? span.x_step : inner;
        run.y_step = rows_are_phrases_ ? y_.phrase : span.rows > 1 ? span.y_step : geometry_.out_channels;
        run.x_offset = x_offset;
        add_positions(run, ranges, rows_are_phrases_ ? 3 : span.outermost, rows_are_phrases_);
    }

    /// One run for each position of the axes outside the rows.
    void add_positions(const GemmRun& base, const std::array<Range, 3>& ranges, int outermost, bool phrases_inside) {
        const auto outer = [&](int axis) {
            return axis < outermost ? ranges[static_cast<std::size_t>(axis)]
                                    : Range{ranges[static_cast<std::size_t>(axis)].begin,
                                            ranges[static_cast<std::size_t>(axis)].begin + 1};
        };
        const std::int64_t phrases = phrases_inside || outermost < 0 ? 1 : phrases_;
        for (std::int64_t n = 0; n < phrases; ++n)
            for (std::int64_t t = outer(0).begin; t < outer(0).end; ++t)
                for (std::int64_t p = outer(1).begin; p < outer(1).end; ++p)
                    for (std::int64_t m = outer(2).begin; m < outer(2).end; ++m) {
                        GemmRun run = base;
                        run.x_offset += n * x_.phrase + t * geometry_.stride.time * x_.axis[0] +
                                        p * geometry_.stride.pitch * x_.axis[1] +
                                        m * geometry_.stride.track * x_.axis[2];
                        run.y_offset = n * y_.phrase + t * y_.axis[0] + p * y_.axis[1] + m * y_.axis[2];
                        runs_.push_back(run);
                    }
    }

    const Conv3dGeometry& geometry_;
    std::int64_t phrases_;
    VolumeStrides x_, y_;
    RowNest nest_;
    std::array<Range, 3> whole_;
    bool rows_are_phrases_ = false;
    std::int64_t row_step_ = 0;
    std::vector<GemmRun> runs_;
};

/// True if every input position of every axis is read by exactly one (output position, tap).
bool each_input_read_once(const Conv3dGeometry& geometry) {
    for (int axis = 0; axis < 3; ++axis) {
        std::vector<int> reads(static_cast<std::size_t>(geometry.input[axis]), 0);
        for (std::int64_t tap = 0; tap < geometry.kernel[axis]; ++tap) {
            const Range range = valid_outputs(geometry, axis, tap);
            const std::int64_t shift = tap * geometry.dilation[axis] - geometry.padding[axis];
            for (std::int64_t i = range.begin; i < range.end; ++i)
                ++reads[static_cast<std::size_t>(i * geometry.stride[axis] + shift)];
        }
        if (std::any_of(reads.begin(), reads.end(), [](int count) { return count != 1; })) return false;
    }
    return true;
}

/// The distinct slices of w in order, and in each run the number of its own.
std::vector<WeightSlice> number_slices(std::vector<GemmRun>& runs, std::int64_t out_channels) {
    const auto slice_of = [&](const GemmRun& run) { return WeightSlice{run.w_offset / out_channels, run.inner}; };
    std::map<WeightSlice, std::size_t> numbers;
    for (const GemmRun& run : runs) numbers[slice_of(run)] = 0;
    std::vector<WeightSlice> slices;
    for (auto& [slice, number] : numbers) {
        number = slices.size();
        slices.push_back(slice);
    }
    for (GemmRun& run : runs) run.slice = numbers[slice_of(run)];
    return slices;
}

}  // namespace

Conv3dPlan plan_conv3d(const Conv3dGeometry& geometry, std::int64_t phrases, PlanRows rows) {
    Conv3dPlan plan;
    if (phrases == 0) return plan;
    plan.runs = Planner(geometry, phrases, rows).runs();
    const auto rows_of_y = [](const GemmRun& run) { return std::tuple(run.y_offset, run.rows, run.y_step); };
    // Stable: inside a group the taps keep their order, and with it the order of sums.
    std::stable_sort(plan.runs.begin(), plan.runs.end(),
                     [&](const GemmRun& a, const GemmRun& b) { return rows_of_y(a) < rows_of_y(b); });
    plan.slices = number_slices(plan.runs, geometry.out_channels);
    std::int64_t covered = 0;
    bool steps_agree = true;
    for (std::size_t i = 0; i < plan.runs.size(); ++i) {
        if (i > 0 && rows_of_y(plan.runs[i]) == rows_of_y(plan.runs[i - 1])) continue;
        plan.group_begin.push_back(i);
        covered += plan.runs[i].rows;
        steps_agree = steps_agree && plan.runs[i].y_step == plan.runs[0].y_step;
    }
    plan.group_begin.push_back(plan.runs.size());
    // Without padding every tap reaches every output, so all taps share their groups; with it, ranges differ.
    plan.groups_partition_output =
        geometry.padding == Extents{0, 0, 0} && steps_agree && covered == phrases * geometry.output.product();
    plan.runs_partition_input = each_input_read_once(geometry);
    return plan;
}

std::shared_ptr<const Conv3dPlan> kept_conv3d_plan(const Conv3dGeometry& geometry, std::int64_t phrases) {
    using Key = std::pair<Conv3dGeometry, std::int64_t>;
    constexpr std::size_t most_runs = 1 << 17;  // 7 MB
    static std::mutex mutex;
    static std::map<Key, std::shared_ptr<const Conv3dPlan>> plans;
    static std::size_t kept_runs = 0;
    const std::lock_guard lock(mutex);
    if (const auto found = plans.find({geometry, phrases}); found != plans.end()) return found->second;
    // Many rows for a large weight, which every product reads; for a small one rows that lie side by side.
    constexpr std::int64_t small_weight = 1 << 12;
    const bool is_small = geometry.in_channels * geometry.out_channels <= small_weight;
    const PlanRows rows = is_small ? PlanRows::neighbours : PlanRows::most;
    const auto made = std::make_shared<const Conv3dPlan>(plan_conv3d(geometry, phrases, rows));
    if (kept_runs + made->runs.size() > most_runs) {
        plans.clear();
        kept_runs = 0;
        if (made->runs.size() > most_runs) return made;
    }
    kept_runs += made->runs.size();
    return plans[{geometry, phrases}] = made;
}

}  // namespace tensor
