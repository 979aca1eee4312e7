// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Linear attention by chunks of 128, whose products have 128 rows: of q, which is fetched, and of the weights, which are computed.
!x = memref<?x?x2x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!f = memref<?x?x2x64xf32, strided<[?, ?, ?, ?], offset: ?>>
!s = memref<?x2x64x64xf32, strided<[?, ?, ?, ?], offset: ?>>

mixer.spec @tall_rows(%q: [B,T,H,N] io, %k: [B,T,H,N] io, %v: [B,T,H,P] io, %w: [B,T,H,N] io, %u: [B,T,H,P] io, %g: [B,T,H,N])
    -> (%o: [B,T,H,P] io, %s: [B,H,P,N]) {
  %y, %S = mixer.semiseparable x = %v, b = %k, c = %q
  mixer.return %y, %S
}

tile.program @tall_rows_tiles of @tall_rows plan #mixer.algorithm<chunked, chunk = 128, operand = bf16, stages = 2, warps = 4, family = portable> buffers [] {
  tile.kernel @k(%block: index, %B: index, %T: index, %splits: index, %span: index, %q: !x, %k: !x, %v: !x, %w: !x, %u: !x, %g: !f, %o: !x, %s: !s) attributes {grid = #tile.grid<blocks = 2, batch = true>} {
    %c0 = arith.constant 0 : index
    %c2 = arith.constant 2 : index
    %b = arith.divui %block, %c2 : index
    %h = arith.remui %block, %c2 : index
    %c128 = arith.constant 128 : index
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    %none = arith.constant dense<0.0> : tensor<128x128xf32>
    %nothing = arith.constant dense<0.0> : tensor<128x64xf32>
    %zf = arith.constant 0.0 : f32
    %r = scf.for %i = %c0 to %T step %c128 iter_args(%S = %zero) -> (tensor<64x64xf32>) {
      %left = arith.subi %T, %i : index
      %qt = tile.load %q[%b, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<128x64xbf16>
      %kt = tile.load %k[%b, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<128x64xbf16>
      %vt = tile.load %v[%b, %i, %h, 0] dims [1, 3] limits [%left, 64] : !x -> tensor<128x64xbf16>
      %sc = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
        ins(%qt, %kt : tensor<128x64xbf16>, tensor<128x64xbf16>) outs(%none : tensor<128x128xf32>) -> tensor<128x128xf32>
      %e_W = tensor.empty() : tensor<128x128xbf16>
      %W = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%sc : tensor<128x128xf32>) outs(%e_W : tensor<128x128xbf16>) {
      ^bb0(%a0: f32, %old_W: bf16):
        %x1 = linalg.index 0 : index
        %x2 = linalg.index 1 : index
        %le = arith.cmpi ule, %x2, %x1 : index
        %se = arith.select %le, %a0, %zf : f32
        %tr = arith.truncf %se : f32 to bf16
        linalg.yield %tr : bf16
      } -> tensor<128x128xbf16>
      %e_Sb = tensor.empty() : tensor<64x64xbf16>
      %Sb = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%S : tensor<64x64xf32>) outs(%e_Sb : tensor<64x64xbf16>) {
      ^bb0(%a0: f32, %old_Sb: bf16):
        %tr = arith.truncf %a0 : f32 to bf16
        linalg.yield %tr : bf16
      } -> tensor<64x64xbf16>
      %y0 = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
        ins(%qt, %Sb : tensor<128x64xbf16>, tensor<64x64xbf16>) outs(%nothing : tensor<128x64xf32>) -> tensor<128x64xf32>
      %y1 = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]
        ins(%W, %vt : tensor<128x128xbf16>, tensor<128x64xbf16>) outs(%y0 : tensor<128x64xf32>) -> tensor<128x64xf32>
      %e_yb = tensor.empty() : tensor<128x64xbf16>
      %yb = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%y1 : tensor<128x64xf32>) outs(%e_yb : tensor<128x64xbf16>) {
      ^bb0(%a0: f32, %old_yb: bf16):
        %tr = arith.truncf %a0 : f32 to bf16
        linalg.yield %tr : bf16
      } -> tensor<128x64xbf16>
      tile.store %yb, %o[%b, %i, %h, 0] dims [1, 3] limits [%left, 64] : tensor<128x64xbf16> -> !x
      %S1 = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (k, m)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]
        ins(%vt, %kt : tensor<128x64xbf16>, tensor<128x64xbf16>) outs(%S : tensor<64x64xf32>) -> tensor<64x64xf32>
      scf.yield %S1 : tensor<64x64xf32>
    }
    tile.store %r, %s[%b, %h, 0, 0] dims [2, 3] limits [64, 64] : tensor<64x64xf32> -> !s
    tile.return
  }
}
