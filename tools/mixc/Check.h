// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `mixc run --check`: results against the float64 recurrence, and against those that the input file holds.
#pragma once

#include "Session.h"

namespace mixc {

/// Prints the errors of each result of the plan. kFailed if one is above its bound.
int check(Session &session, const mixc_plan &plan, const HostTensors &results);

} // namespace mixc
