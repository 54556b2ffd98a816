// How near a piece of work comes to what the machine can do: the definition of `musegan profile`
// (musegan/study/profile.hpp), for every program of this folder.
#pragma once

#include "musegan/study/profile.hpp"

namespace bench {

/// What one call cannot be faster than: its arithmetic at the measured rate of products, its bytes at the measured rate
/// of copies, or the start of any operator, whichever takes longest.
inline musegan::Floor floor_of(const tensor::Roofs& roofs, tensor::Precision precision, double flops, double bytes) {
    musegan::Profile profile;
    profile.precision = name_of(precision);
    profile.roofs = roofs;
    musegan::ProfileRow call;
    call.calls = 1;
    call.flops = flops;
    call.bytes = bytes;
    return profile.floor_of(call);
}

}  // namespace bench
