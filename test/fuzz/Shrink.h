// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Smaller inputs that fail in the same way.
#pragma once

#include <functional>
#include <string>

namespace mixc::fuzz {

/// Removes lines, then tokens, as long as the input still fails; gives up after some seconds.
std::string shrink(std::string input, const std::function<bool(const std::string &)> &fails);

} // namespace mixc::fuzz
