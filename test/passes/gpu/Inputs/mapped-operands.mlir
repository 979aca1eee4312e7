// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Linear attention whose feature map is computed in the kernel.
mixer.spec @mapped_operands(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io) -> (%o: [B,T,H,P] io)
    attributes {plans = [#mixer.algorithm<chunked, chunk = 64, pblock = 64, operand = bf16, stages = 2, warps = 4, family = sm_90a, pieces = 3, persistent = 16>]} {
  %kk = mixer.map(%k) { (k) -> exp(k) }
  %o, %S = mixer.semiseparable x = %v, b = %kk, c = %q
  mixer.return %o
}
