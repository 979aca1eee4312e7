// Who does what of a kernel whose warps will have roles, on ops of the tile dialect.
// RUN: mixer-opt %s | mixer-opt | FileCheck %s
// RUN: mixer-opt %s --emit-bytecode | mixer-opt | FileCheck %s

// CHECK: tile.kernel @k
// CHECK-SAME: gpu_tile.roles = [#gpu_tile.role<role = helpers, first = 0, warps = 4, registers = 56>, #gpu_tile.role<role = vectors, first = 1, warps = 1, parts = 2, turns = true>, #gpu_tile.role<role = fetch, first = 0, warps = 1, single = true>]
// CHECK: arith.constant {gpu_tile.work = #gpu_tile.work<[flush, compute], order = 3, through = [!gpu_tile.shared<64x64xbf16, swizzle = 0>]>} 0 : index
// CHECK: tile.load {{.*}} {gpu_tile.work = #gpu_tile.work<[fetch], each_part, through = [!gpu_tile.shared<64xf32>], held = #gpu_tile.mma<rows = [1], cols = [0], warps = [4, 1]>>}
// CHECK: tile.cumsum {{.*}} {gpu_tile.work = #gpu_tile.work<[early, compute], order = -1, ahead, through = [none, !gpu_tile.shared<64xf32>]>}
!x = memref<?xf32, strided<[?], offset: ?>>
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 64> buffers [] {
  tile.kernel @k(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x) attributes {grid = #tile.grid<blocks = 1>,
      gpu_tile.roles = [#gpu_tile.role<role = helpers, first = 0, warps = 4, registers = 56>, #gpu_tile.role<role = vectors, first = 1, warps = 1, parts = 2, turns = true>, #gpu_tile.role<role = fetch, first = 0, warps = 1, single = true>]} {
    %c0 = arith.constant {gpu_tile.work = #gpu_tile.work<[flush, compute], through = [!gpu_tile.shared<64x64xbf16, swizzle = 0>], order = 3>} 0 : index
    %a = tile.load %x[%c0] dims [0] limits [64] {gpu_tile.work = #gpu_tile.work<[fetch], held = #gpu_tile.mma<rows = [1], cols = [0], warps = [4, 1]>, each_part, through = [!gpu_tile.shared<64xf32>]>} : !x -> tensor<64xf32>
    %sums, %resets = tile.cumsum %a {gpu_tile.work = #gpu_tile.work<[early, compute], ahead, order = -1, through = [none, !gpu_tile.shared<64xf32>]>} : tensor<64xf32>
    tile.return
  }
}
