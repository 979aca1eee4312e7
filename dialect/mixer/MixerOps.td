// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef MIXC_DIALECT_MIXER_MIXEROPS
#define MIXC_DIALECT_MIXER_MIXEROPS

include "Mixer.td"
include "MixerSpecOps.td"
include "MixerMapOps.td"
include "MixerRecurrenceOps.td"
include "MixerTokenOps.td"

#endif // MIXC_DIALECT_MIXER_MIXEROPS
