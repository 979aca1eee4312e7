// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A sum over a row of a tile.
!x = memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!f = memref<?x?x2x64xf32, strided<[?, ?, ?, ?], offset: ?>>
!s = memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>>

mixer.spec @norms(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %w: [B,T,H,N] io, %u: [B,T,H,P] io, %g: [B,T,H,N])
    -> (%s: [B,H,P,N]) {
  %y, %S = mixer.semiseparable x = %v, b = %k, c = %q
  mixer.return %S
}

tile.program @norms_tiles of @norms plan #mixer.algorithm<chunked, chunk = 64, operand = bf16, stages = 2, warps = 4, family = portable> buffers [] {
  tile.kernel @k(%block: index, %B: index, %T: index, %splits: index, %span: index, %q: !x, %k: !x, %v: !x, %w: !x, %u: !x, %g: !f, %s: !s) attributes {grid = #tile.grid<blocks = 2, batch = true>} {
    %c0 = arith.constant 0 : index
    %c2 = arith.constant 2 : index
    %b = arith.divui %block, %c2 : index
    %h = arith.remui %block, %c2 : index
    %c64 = arith.constant 64 : index
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    %r = scf.for %i = %c0 to %T step %c64 iter_args(%S = %zero) -> (tensor<64x64xf32>) {
      %left = arith.subi %T, %i : index
      %kt = tile.load %k[%b, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %vt = tile.load %v[%b, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %e_n = arith.constant dense<1.0> : tensor<64xf32>
      %nrm = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>], iterator_types = ["parallel", "reduction"]} ins(%kt : tensor<64x64xbf16>) outs(%e_n : tensor<64xf32>) {
      ^bb0(%a: bf16, %acc: f32):
        %f = arith.extf %a : bf16 to f32
        %m = arith.mulf %f, %f : f32
        %n = arith.addf %acc, %m : f32
        linalg.yield %n : f32
      } -> tensor<64xf32>
      %e_kn = tensor.empty() : tensor<64x64xbf16>
      %kn = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%kt, %nrm : tensor<64x64xbf16>, tensor<64xf32>) outs(%e_kn : tensor<64x64xbf16>) {
      ^bb0(%a0: bf16, %a1: f32, %old_kn: bf16):
        %f = arith.extf %a0 : bf16 to f32
        %r1 = math.rsqrt %a1 : f32
        %m = arith.mulf %f, %r1 : f32
        %tr = arith.truncf %m : f32 to bf16
        linalg.yield %tr : bf16
      } -> tensor<64x64xbf16>
      %S1 = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (k, m)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]
        ins(%vt, %kn : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%S : tensor<64x64xf32>) -> tensor<64x64xf32>
      scf.yield %S1 : tensor<64x64xf32>
    }
    tile.store %r, %s[%b, %h, 0, 0] dims [2, 3] limits [64, 64] : tensor<64x64xf32> -> !s
    tile.return
  }
}
