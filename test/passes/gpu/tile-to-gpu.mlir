// Where tiles go. Operands of products pass through swizzled shared memory, the sum stays in registers in the layout of the matrix
// units, what is computed from it as well; small tiles are computed one row a warp; a constant takes the layout of its user.
// RUN: mixer-opt %s --tile-to-gpu="arch=sm_80" | FileCheck %s

!x = memref<?x?x64xbf16, strided<[?, ?, ?], offset: ?>>
!f = memref<?x?xf32, strided<[?, ?], offset: ?>>

// CHECK: gpu_tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 64> buffers [#tile.buffer<[-1, 4]>]
tile.program @p of @spec plan #mixer.algorithm<chunked, chunk = 64, heads = 1> buffers [#tile.buffer<[-1, 4]>] {
  // The plan leaves the warps open: four.
  // CHECK: gpu_tile.kernel @product({{.*}}) attributes {arch = "sm_80", grid = #tile.grid<blocks = 2>, shared_bytes = 8448 : i32, threads = 128 : i32
  tile.kernel @product(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x, %y: !x, %g: !f)
      attributes {grid = #tile.grid<blocks = 2>} {
    %zero = arith.constant dense<0.0> : tensor<64x64xf32>
    // CHECK: %[[A:.*]] = gpu_tile.alloc at 0 : <64x64xbf16, swizzle = 0>
    // CHECK: gpu_tile.copy %{{.*}} [0, %{{.*}}, 0] dims [1, 2] limits [%{{.*}}, 64] to %[[A]]
    // CHECK-NEXT: gpu_tile.commit
    // CHECK-NEXT: gpu_tile.wait 0
    %a = tile.load %x[0, %block, 0] dims [1, 2] limits [%T, 64] : !x -> tensor<64x64xbf16>
    // The operand is read along its second dimension and its first: one copy serves both sides.
    // CHECK-NOT: gpu_tile.copy
    // CHECK: %[[ZERO:.*]] = gpu_tile.constant 0.000000e+00 : <64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
    // CHECK-NEXT: gpu_tile.barrier{{$}}
    // CHECK-NEXT: %[[SCORES:.*]] = gpu_tile.contract %[[A]], %[[A]], %[[ZERO]]
    %scores = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
        ins(%a, %a : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%zero : tensor<64x64xf32>) -> tensor<64x64xf32>
    // A small tile: in lanes, all of it in every warp.
    // CHECK: %[[G:.*]] = gpu_tile.load %{{.*}} dims [1] limits [%{{.*}}] : {{.*}} -> <64xf32, #gpu_tile.lanes<rows = 0>>
    %gl = tile.load %g[%block, 0] dims [1] limits [%T] : !f -> tensor<64xf32>
    // CHECK: %[[SUMS:.*]], %{{.*}} = gpu_tile.cumsum %[[G]]
    %sums, %resets = tile.cumsum %gl : tensor<64xf32>
    // The sums are wanted by rows and by columns: through shared memory. The weights are the next product's rows: no memory at all.
    // CHECK: gpu_tile.put %[[SUMS]] to %[[S:.*]] perm [0]
    // CHECK: %[[W:.*]] = gpu_tile.map deferred(%[[SCORES]], %[[S]], %[[S]]) maps [#{{.*}}, #{{.*}}, #{{.*}}] : {{.*}} -> !gpu_tile.fragment<64x64xbf16, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
    // CHECK: gpu_tile.index 0
    // CHECK: gpu_tile.index 1
    %empty = tensor.empty() : tensor<64x64xbf16>
    %w = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
        ins(%scores, %sums, %sums : tensor<64x64xf32>, tensor<64xf32>, tensor<64xf32>) outs(%empty : tensor<64x64xbf16>) {
    ^bb0(%s: f32, %to: f32, %from: f32, %old: bf16):
      %i = linalg.index 0 : index
      %j = linalg.index 1 : index
      %below = arith.cmpi sle, %j, %i : index
      %d = arith.subf %to, %from : f32
      %e = math.exp2 %d : f32
      %p = arith.mulf %s, %e : f32
      %no = arith.constant 0.0 : f32
      %m = arith.select %below, %p, %no : f32
      %n = arith.truncf %m : f32 to bf16
      linalg.yield %n : bf16
    } -> tensor<64x64xbf16>
    // The weights' inputs are read where the product is: the barrier stands before it.
    // CHECK: gpu_tile.barrier{{$}}
    // CHECK-NEXT: %[[OUT:.*]] = gpu_tile.contract %[[W]], %[[A]], %{{.*}}
    %o = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]
        ins(%w, %a : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%zero : tensor<64x64xf32>) -> tensor<64x64xf32>
    // Two bytes an element in memory: narrowed in registers, collected in shared memory, written in wide pieces.
    // CHECK: %[[NARROW:.*]] = gpu_tile.map(%[[OUT]])
    // It takes the operand's place, which other warps may still read: a barrier before and after.
    // CHECK: %[[OUTTILE:.*]] = gpu_tile.alloc at 0 : <64x64xbf16, swizzle = 0>
    // CHECK-NEXT: gpu_tile.barrier{{$}}
    // CHECK-NEXT: gpu_tile.put %[[NARROW]] to %[[OUTTILE]] perm [0, 1]
    // CHECK-NEXT: gpu_tile.barrier{{$}}
    // CHECK-NEXT: gpu_tile.write %[[OUTTILE]] to %{{.*}} [0, %{{.*}}, 0] dims [1, 2] limits [%{{.*}}, 64]
    tile.store %o, %y[0, %block, 0] dims [1, 2] limits [%T, 64] : tensor<64x64xf32> -> !x
    // CHECK: gpu_tile.return
    tile.return
  }
}
