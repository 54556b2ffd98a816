// The timeline of a profile for Perfetto, chrome://tracing and speedscope.
#pragma once

#include "io/chrome_trace.hpp"
#include "musegan/study/profile.hpp"

namespace musegan {

/// One process for each kind of update, with one thread, on which spans nest: update > phase > layer > operator >
/// kernel. The innermost are the runs of the timeline; around them stands a span for each stretch of runs that share a
/// word and those outside it. Words that are "" have none, nor has a kernel that is called as its operator.
///
/// A run keeps its length and begins no earlier than the one before it has ended: operators made of others began before
/// these, and their time is without that of the others. Arguments: FLOP and bytes of what is inside, the rates
/// achieved, calls of a span around several runs, and what is known of a launch. The metadata say what was measured,
/// and on what.
io::ChromeTrace profile_trace(const Profile& profile);

}  // namespace musegan
