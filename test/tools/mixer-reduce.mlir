// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The smallest spec in which a normaliser is still there: mixer-reduce leaves out what the sought text does not need.
// RUN: mixer-reduce %s --opt-reduction-pass="opt-pass=canonicalize test=%S/Inputs/has-sum.sh" | FileCheck %s --check-prefix=OPT
// RUN: mixer-reduce %s --reduction-tree="traversal-mode=0 test=%S/Inputs/has-sum.sh" | FileCheck %s --check-prefix=TREE

// OPT-LABEL: mixer.spec @norm
// OPT-NOT: tanh
// OPT: mixer.sum %x over P
// TREE-NOT: @other
// TREE: mixer.sum
mixer.spec @norm(%x: [B,T,H,P]) -> (%s: [B,T,H]) {
  %0 = mixer.map(%x) { (x) -> tanh(x) }
  %s = mixer.sum %x over P
  mixer.return %s
}

mixer.spec @other(%x: [B,T,H,P]) -> () {
  mixer.return
}
