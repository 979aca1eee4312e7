// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A state of one entry: the scan wins on a CPU, and goes in log steps where that pays.
// RUN: mixer-opt %s --mixer-select="target=x86-64 batch=8 length=4096" | FileCheck %s
// CHECK: plans = [#mixer.algorithm<scan,
// CHECK-NOT: #mixer.algorithm
mixer.spec @cumprodsum(%x: [B,T,H], %g: [B,T,H]) -> (%y: [B,T,H])
    attributes {sizes = {H = 64 : i64}} {
  %one = mixer.constant 1.0 : [B,T,H]
  %o, %S = mixer.semiseparable x = %x, b = %one, c = %one, decay = %g
  mixer.return %o
}
