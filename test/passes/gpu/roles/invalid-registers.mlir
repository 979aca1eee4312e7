// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Registers that a block does not have are told, with the plan that asks for them.
// RUN: not mixc compile %s --spec=chunks --shape=H=4,N=16,P=16 --dtype=bf16 --target=h100 --emit=gpu_tile -o /dev/null 2>&1 | FileCheck %s --check-prefix=CHUNKS
// RUN: not mixc compile %s --spec=state --shape=H=4,N=128,P=128 --dtype=bf16 --target=h100 --emit=ptx -o /dev/null 2>&1 | FileCheck %s --check-prefix=STATE

// CHUNKS: error: {{.*}}: expected registers for 8 of the state a thread beside 3 teams, 1 parts and chunks of 128, which a block does not have; choose fewer teams, a smaller chunk or family = portable
mixer.spec @chunks(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io) -> (%o: [B,T,H,P] io)
    attributes {plans = [#mixer.algorithm<chunked, chunk = 128, pblock = 16, operand = bf16, stages = 3, family = sm_90a, teams = 3>]} {
  %l = mixer.map(%k) { (k) -> -k }
  %o, %S = mixer.semiseparable x = %v, b = %k, c = %q, l = %l, r = %k
  mixer.return %o
}

// STATE: error: {{.*}}: expected registers for 128 of the state a thread beside 2 teams, 1 parts and chunks of 32
mixer.spec @state(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io) -> (%o: [B,T,H,P] io)
    attributes {plans = [#mixer.algorithm<chunked, chunk = 32, pblock = 128, operand = bf16, stages = 4, family = sm_90a, teams = 2>]} {
  %l = mixer.map(%k) { (k) -> -k }
  %o, %S = mixer.semiseparable x = %v, b = %k, c = %q, l = %l, r = %k
  mixer.return %o
}
