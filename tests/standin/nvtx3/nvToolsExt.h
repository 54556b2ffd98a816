// Named ranges for a profiler's time line. The stand-in keeps the open ones, whose names go into faults, and on request
// all of them (control.hpp: record_ranges).
#pragma once

/// Opens a range; returns its depth from 0.
int nvtxRangePushA(const char* message);
/// Closes the innermost range; returns its depth, or -1 if none is open.
int nvtxRangePop();
