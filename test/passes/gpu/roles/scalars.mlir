// Scalars and reversed tensors outside of the loop are named anew in every role that runs.
// RUN: mixer-opt %s --tile-to-gpu=arch=sm_90a -o %t.mlir
// RUN: FileCheck %s < %t.mlir
// RUN: mixer-opt %t.mlir --gpu-tile-to-nvvm -o /dev/null

// CHECK: gpu_tile.role "fetch"
// CHECK: math.exp2
// CHECK: tile.reverse
// CHECK: gpu_tile.role "compute"
// CHECK: %[[FACTOR:.*]] = math.exp2
// CHECK: tile.reverse
// CHECK: gpu_tile.map
// CHECK: arith.mulf %{{.*}}, %[[FACTOR]]
// After the loop once more: it has no registers to spare for them.
// CHECK: math.exp2
// CHECK: %[[BACK:.*]] = tile.reverse
// CHECK: gpu_tile.store %{{.*}} to %[[BACK]]
!x = memref<?x?x64xbf16, strided<[?, ?, ?], offset: ?>>
!o = memref<?x?x64xf32, strided<[?, ?, ?], offset: ?>>
#mk = affine_map<(m, n, k) -> (k, m)>
#kn = affine_map<(m, n, k) -> (k, n)>
#mn = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 64, operand = bf16, stages = 2, warps = 4, family = sm_90a> buffers [] {
  tile.kernel @scalars(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x, %o: !o) attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c64 = arith.constant 64 : index
    %length = arith.index_castui %T : index to i32
    %tokens = arith.uitofp %length : i32 to f32
    %factor = math.exp2 %tokens : f32
    %back = tile.reverse %o dim 1 of %T : !o
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    %sum = scf.for %i = %c0 to %T step %c64 iter_args(%s = %zero) -> (tensor<64x64xf32>) {
      %left = arith.subi %T, %i : index
      %a = tile.load %x[0, %i, 0] dims [1, 2] limits [%left, 64] : !x -> tensor<64x64xbf16>
      %e = tensor.empty() : tensor<64x64xf32>
      %scaled = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%s : tensor<64x64xf32>) outs(%e : tensor<64x64xf32>) {
      ^bb0(%v: f32, %old: f32):
        %n = arith.mulf %v, %factor : f32
        linalg.yield %n : f32
      } -> tensor<64x64xf32>
      %next = linalg.contract indexing_maps = [#mk, #kn, #mn] ins(%a, %a : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%scaled : tensor<64x64xf32>) -> tensor<64x64xf32>
      scf.yield %next : tensor<64x64xf32>
    }
    tile.store %sum, %back[0, 0, 0] dims [1, 2] limits [64, 64] : tensor<64x64xf32> -> !o
    tile.return
  }
}
