// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A running maximum of one row and running sums of two, in tiles of 40 tokens, more than the lanes of a warp.
!x = memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!w = memref<?x?x2xf32, strided<[?, ?, ?], offset: ?>>

mixer.spec @running(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %w: [B,T,H], %g: [B,T,H]) -> (%m: [B,T,H], %e: [B,T,H], %s: [B,T,H]) {
  %y, %S = mixer.semiseparable x = %v, b = %k, c = %q
  mixer.return %w, %g, %w
}

tile.program @running_tiles of @running plan #mixer.algorithm<chunked, chunk = 16, operand = bf16, stages = 2, warps = 4, family = portable> buffers [] {
  tile.kernel @k(%block: index, %B: index, %T: index, %splits: index, %span: index, %q: !x, %k: !x, %v: !x, %w: !w, %g: !w, %m: !w, %e: !w, %s: !w) attributes {grid = #tile.grid<blocks = 2, batch = true>} {
    %c0 = arith.constant 0 : index
    %c2 = arith.constant 2 : index
    %c40 = arith.constant 40 : index
    %b = arith.divui %block, %c2 : index
    %h = arith.remui %block, %c2 : index
    %none = arith.constant dense<-1.0e3> : tensor<40xf32>
    %zero = arith.constant dense<0.0> : tensor<2x40xf32>
    %r:3 = scf.for %i = %c0 to %T step %c40 iter_args(%M = %none, %S = %zero, %L = %zero) -> (tensor<40xf32>, tensor<2x40xf32>, tensor<2x40xf32>) {
      %left = arith.subi %T, %i : index
      %x = tile.load %w[%b, %i, %h] dims [1] limits [%left] : !w -> tensor<40xf32>
      %d = tile.load %g[%b, %i, %h] dims [1] limits [%left] : !w -> tensor<40xf32>
      %rows = tile.load %w[%b, %i, 0] dims [2, 1] limits [2, %left] : !w -> tensor<2x40xf32>
      %m1, %m0 = tile.running_max %x decay %d after %M : tensor<40xf32>
      %s1, %l1, %s0 = tile.running_sum %rows after %S, %L : tensor<2x40xf32>
      tile.store %m1, %m[%b, %i, %h] dims [1] limits [%left] : tensor<40xf32> -> !w
      tile.store %m0, %e[%b, %i, %h] dims [1] limits [%left] : tensor<40xf32> -> !w
      %e_sum = tensor.empty() : tensor<40xf32>
      %both = linalg.generic {indexing_maps = [affine_map<(t) -> (0, t)>, affine_map<(t) -> (1, t)>, affine_map<(t) -> (t)>], iterator_types = ["parallel"]} ins(%s1, %s0 : tensor<2x40xf32>, tensor<2x40xf32>) outs(%e_sum : tensor<40xf32>) {
      ^bb0(%a0: f32, %a1: f32, %old: f32):
        %f = arith.addf %a0, %a1 : f32
        linalg.yield %f : f32
      } -> tensor<40xf32>
      tile.store %both, %s[%b, %i, %h] dims [1] limits [%left] : tensor<40xf32> -> !w
      scf.yield %m1, %s1, %l1 : tensor<40xf32>, tensor<2x40xf32>, tensor<2x40xf32>
    }
    tile.return
  }
}
