// Time on any device: points in the order in which a device does its work.
#pragma once

#include <vector>

namespace tensor {

/// A point in a device's work, made by Backend::make_mark: before what is issued later, and after what was issued
/// earlier. May be set again and again.
class Mark {
  public:
    virtual ~Mark() = default;
    /// Sets the mark here and now. Waits for nothing.
    virtual void record() = 0;
    /// Milliseconds of the device from `earlier`, a recorded mark of the same device, to this one. Waits until the
    /// device has come to this one. 0 on the dry device, which does no work.
    virtual double milliseconds_since(const Mark& earlier) const = 0;
    /// Milliseconds that each thread of a processor ran from `earlier` to this one, the calling thread first; empty
    /// unless Backend::make_thread_mark made both, on a device that has threads.
    virtual std::vector<double> thread_milliseconds_since(const Mark&) const { return {}; }
};

}  // namespace tensor
