#include "musegan/study/update_clock.hpp"

#include <chrono>

#include "tensor/error.hpp"

namespace musegan {

namespace {

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

}  // namespace

UpdateClock::UpdateClock(tensor::Device device, int queue)
    : backend_(tensor::backend(device)), queues_(device.kind != tensor::DeviceKind::cpu), queue_(queue) {
    if (queue < 1) tensor::fail("update clock", "a queue of {} updates, expected at least 1", queue);
    if (!queues_) return;
    busy_.emplace(device);
    start_ = backend_.make_mark();
    stop_ = backend_.make_mark();
}

void UpdateClock::measure(const std::function<void()>& update, UpdateTimes& times) {
    measure_alone(update, times);
    if (queues_) {
        measure_device(update, times);
        measure_queued(update, times);
        return;
    }
    for (std::vector<double>* list : {&times.queued, &times.alone.host, &times.alone.device})
        list->push_back(times.alone.latency.back());
}

void UpdateClock::measure_alone(const std::function<void()>& update, UpdateTimes& times) {
    backend_.synchronize();
    const Clock::time_point start = Clock::now();
    update();
    last_host_ = milliseconds_since(start);
    backend_.synchronize();
    times.alone.latency.push_back(milliseconds_since(start));
    if (queues_) times.alone.host.push_back(last_host_);
}

void UpdateClock::measure_device(const std::function<void()>& update, UpdateTimes& times) {
    backend_.synchronize();
    keep_busy(2 * last_host_ + 1);
    start_->record();
    update();
    stop_->record();
    backend_.synchronize();
    times.alone.device.push_back(stop_->milliseconds_since(*start_));
}

void UpdateClock::measure_queued(const std::function<void()>& update, UpdateTimes& times) {
    backend_.synchronize();
    const Clock::time_point start = Clock::now();
    for (int k = 0; k < queue_; ++k) update();
    backend_.synchronize();
    times.queued.push_back(milliseconds_since(start) / queue_);
}

void UpdateClock::keep_busy(double milliseconds) {
    if (busy_) busy_->keep(milliseconds);
}

int repeat_until(const Enough& enough, const std::function<void()>& once) {
    const Clock::time_point start = Clock::now();
    int count = 0;
    while (count < enough.count || milliseconds_since(start) < 1e3 * enough.seconds) {
        once();
        ++count;
    }
    return count;
}

}  // namespace musegan
