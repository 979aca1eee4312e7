// RUN: mixer-opt %s | mixer-opt | FileCheck %s
// RUN: mixer-opt %s --mlir-print-op-generic | mixer-opt | FileCheck %s

!rows = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!wide = memref<?x?xf32, strided<[?, ?], offset: ?>>
!acc = !gpu_tile.fragment<64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
!low = !gpu_tile.fragment<64x64xbf16, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
!heads = !gpu_tile.fragment<2x64x64xf32, #gpu_tile.mma<outer = [0], rows = [1], cols = [2], warps = [2, 2]>>
!flat = !gpu_tile.fragment<2x64x64xf32, #gpu_tile.mma<rows = [0, 1], cols = [2], warps = [4, 1]>>
!lanes = !gpu_tile.fragment<2x48xf32, #gpu_tile.lanes<rows = 1>>
!linear = !gpu_tile.fragment<20xf16, #gpu_tile.linear>
!state = !gpu_tile.fragment<2x4x16xf32, #gpu_tile.lanes<rows = 2>>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>
!ring = !gpu_tile.shared<64x64xbf16, swizzle = 0, stages = 3>

// CHECK: gpu_tile.program @p of @spec plan "plan" buffers [#tile.buffer<[-1, 4]>]
gpu_tile.program @p of @spec plan "plan" buffers [#tile.buffer<[-1, 4]>] {
  // CHECK: gpu_tile.kernel @all({{.*}}) attributes {arch = "sm_80", grid = #tile.grid<blocks = 4, batch = true>, shared_bytes = 65536 : i32, threads = 128 : i32, when = #tile.when<split>}
  gpu_tile.kernel @all(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !rows, %w: !wide)
      attributes {grid = #tile.grid<blocks = 4, batch = true>, when = #tile.when<split>, threads = 128 : i32, shared_bytes = 65536 : i32, arch = "sm_80"} {
    %c0 = arith.constant 0 : index
    // An offset that is not planned yet is not printed.
    // CHECK: %[[TILE:.*]] = gpu_tile.alloc at 0 : <64x64xbf16, swizzle = 0>
    %tile = gpu_tile.alloc at 0 : !tile
    // CHECK: %[[RING:.*]] = gpu_tile.alloc : <64x64xbf16, swizzle = 0, stages = 3>
    %ring = gpu_tile.alloc : !ring
    // CHECK: gpu_tile.alloc at 16384 : <2x48xf32, stages = 2>
    %pairs = gpu_tile.alloc at 16384 : !gpu_tile.shared<2x48xf32, stages = 2>
    // CHECK: %[[SLOT:.*]] = gpu_tile.slot %[[RING]][%{{.*}}] : <64x64xbf16, swizzle = 0, stages = 3> -> <64x64xbf16, swizzle = 0>
    %slot = gpu_tile.slot %ring[%c0] : !ring -> !tile

    // CHECK: gpu_tile.copy %{{.*}} [0, %{{.*}}, 3, 0] dims [1, 3] limits [%{{.*}}, 64] to %[[SLOT]] : memref<{{.*}}> -> <64x64xbf16, swizzle = 0>
    gpu_tile.copy %x[0, %block, 3, 0] dims [1, 3] limits [%T, 64] to %slot : !rows -> !tile
    // CHECK: gpu_tile.copy {{.*}} limits [64, 64] optional to %[[TILE]] :
    gpu_tile.copy %x[0, %block, 3, 0] dims [1, 3] limits [64, 64] optional to %tile : !rows -> !tile
    // CHECK: gpu_tile.commit
    gpu_tile.commit
    // CHECK: gpu_tile.wait 2
    gpu_tile.wait 2
    // CHECK: gpu_tile.barrier{{$}}
    gpu_tile.barrier
    // CHECK: gpu_tile.barrier warp
    gpu_tile.barrier warp
    // CHECK: gpu_tile.write %[[TILE]] to %{{.*}} [0, 0, 1, 0] dims [1, 3] limits [%{{.*}}, 64] optional : <64x64xbf16, swizzle = 0> -> memref
    gpu_tile.write %tile to %x[0, 0, 1, 0] dims [1, 3] limits [%T, 64] optional : !tile -> !rows

    // CHECK: gpu_tile.load %{{.*}} [%{{.*}}, 0] dims [0, 1] limits [64, 64] optional : memref<{{.*}}> -> <64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>>
    %a = gpu_tile.load %w[%block, 0] dims [0, 1] limits [64, 64] optional : !wide -> !acc
    // CHECK: gpu_tile.store %{{.*}} to %{{.*}} [0, 0] dims [1, 0] limits [%{{.*}}, 64] : <64x64xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [4, 1]>> -> memref
    gpu_tile.store %a to %w[0, 0] dims [1, 0] limits [%T, 64] : !acc -> !wide

    // CHECK: gpu_tile.constant 5.000000e-01 : <20xf16, #gpu_tile.linear>
    %e = gpu_tile.constant 0.5 : !linear
    // CHECK: gpu_tile.constant 1.000000e+00 : <2x64x64xf32, #gpu_tile.mma<outer = [0], rows = [1], cols = [2], warps = [2, 2]>>
    %h = gpu_tile.constant 1.0 : !heads
    // CHECK: gpu_tile.constant 0.000000e+00 : <2x64x64xf32, #gpu_tile.mma<rows = [0, 1], cols = [2], warps = [4, 1]>>
    %f = gpu_tile.constant 0.0 : !flat

    // CHECK: gpu_tile.map(%{{.*}}, %[[TILE]]) maps [#{{.*}}, #{{.*}}] : (!gpu_tile.fragment<64x64xf32, {{.*}}>, !gpu_tile.shared<64x64xbf16, swizzle = 0>) -> !gpu_tile.fragment<64x64xf32,
    %m = gpu_tile.map (%a, %tile) maps [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j, i)>] : (!acc, !tile) -> !acc {
    ^bb0(%p: f32, %q: bf16):
      // CHECK: gpu_tile.index 1
      %j = gpu_tile.index 1
      %wide = arith.extf %q : bf16 to f32
      %sum = arith.addf %p, %wide : f32
      // CHECK: gpu_tile.yield %{{.*}} : f32
      gpu_tile.yield %sum : f32
    }
    // CHECK: %[[LATE:.*]] = gpu_tile.map deferred(%{{.*}}) maps [#{{.*}}] : (!gpu_tile.fragment<64x64xf32, {{.*}}>) -> !gpu_tile.fragment<64x64xbf16,
    %late = gpu_tile.map deferred (%m) maps [affine_map<(i, j) -> (i, j)>] : (!acc) -> !low {
    ^bb0(%p: f32):
      %low = arith.truncf %p : f32 to bf16
      gpu_tile.yield %low : bf16
    }
    // CHECK: gpu_tile.contract %[[LATE]], %[[TILE]], %{{.*}} maps [#{{.*}}, #{{.*}}, #{{.*}}] : !gpu_tile.fragment<64x64xbf16, {{.*}}>, <64x64xbf16, swizzle = 0> -> <64x64xf32,
    %product = gpu_tile.contract %late, %tile, %a maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] : !low, !tile -> !acc
    %rows = gpu_tile.alloc : !gpu_tile.shared<64x64xf32>
    // CHECK: gpu_tile.contract %{{.*}}, %{{.*}}, %{{.*}} maps [{{[^]]*}}] tf32 : !gpu_tile.shared<64x64xf32>, <64x64xf32>
    %rounded = gpu_tile.contract %rows, %rows, %a maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] tf32 : !gpu_tile.shared<64x64xf32>, !gpu_tile.shared<64x64xf32> -> !acc
    // CHECK: gpu_tile.put %[[LATE]] to %[[SLOT]] perm [1, 0] : <64x64xbf16, {{.*}}> -> <64x64xbf16, swizzle = 0>
    gpu_tile.put %late to %slot perm [1, 0] : !low -> !tile

    %g = gpu_tile.constant -1.0 : !lanes
    // CHECK: gpu_tile.cumsum %{{.*}} : <2x48xf32, #gpu_tile.lanes<rows = 1>>
    %sums, %resets = gpu_tile.cumsum %g : !lanes
    %pieces = gpu_tile.constant 1.0 : !gpu_tile.fragment<8x16x64xf32, #gpu_tile.pieces<width = 4, lanes = 16>>
    %inRows = gpu_tile.alloc at 60416 : !gpu_tile.shared<8x16xf32>
    // CHECK: gpu_tile.sum %{{.*}} to %{{.*}} dims [2] : <8x16x64xf32, #gpu_tile.pieces<width = 4, lanes = 16>> -> <8x16xf32>
    gpu_tile.sum %pieces to %inRows dims [2] : !gpu_tile.fragment<8x16x64xf32, #gpu_tile.pieces<width = 4, lanes = 16>> -> !gpu_tile.shared<8x16xf32>
    // CHECK: gpu_tile.lag %{{.*}} after %{{.*}}, %{{.*}} : <2x48xf32, #gpu_tile.lanes<rows = 1>>
    %lag, %rest, %level, %factor, %counts, %earlier = gpu_tile.lag %g after %sums, %sums : !lanes
    // CHECK: gpu_tile.running_sum %{{.*}} after %{{.*}}, %{{.*}} : <2x48xf32, #gpu_tile.lanes<rows = 1>>
    %total, %totalLow, %totalBefore = gpu_tile.running_sum %g after %sums, %sums : !lanes
    // CHECK: gpu_tile.running_max %{{.*}} decay %{{.*}} after %{{.*}} : <2x48xf32, #gpu_tile.lanes<rows = 1>>
    %most, %mostBefore = gpu_tile.running_max %g decay %sums after %sums : !lanes
    // CHECK: gpu_tile.not_finite %{{.*}} : <2x48xf32, #gpu_tile.lanes<rows = 1>>
    %any = gpu_tile.not_finite %g : !lanes
    %gx = gpu_tile.constant 1.0 : !gpu_tile.fragment<16x1x16xbf16, #gpu_tile.mma<rows = [1, 2], cols = [0], warps = [1, 1]>>
    %gy = gpu_tile.constant 1.0 : !gpu_tile.fragment<1x16x16xf32, #gpu_tile.mma<rows = [0, 1], cols = [2], warps = [1, 1]>>
    %gs = gpu_tile.alloc at 57344 : !gpu_tile.shared<16x1x16xbf16>
    %gb = gpu_tile.alloc at 58368 : !gpu_tile.shared<16x16xbf16>
    %gr = gpu_tile.alloc at 59392 : !gpu_tile.shared<1x16xf32>
    // CHECK: gpu_tile.guard %{{.*}} into %{{.*}} by %{{.*}} : !gpu_tile.shared<16x1x16xbf16> since %{{.*}} : !gpu_tile.shared<1x16xf32> if %{{.*}} : <16x1x16xbf16
    %gf, %gm = gpu_tile.guard %gx into %gy by %gs : !gpu_tile.shared<16x1x16xbf16> since %gr : !gpu_tile.shared<1x16xf32> if %any : !gpu_tile.fragment<16x1x16xbf16, #gpu_tile.mma<rows = [1, 2], cols = [0], warps = [1, 1]>>, !gpu_tile.fragment<1x16x16xf32, #gpu_tile.mma<rows = [0, 1], cols = [2], warps = [1, 1]>>
    // CHECK: gpu_tile.since_reset %{{.*}} x = %{{.*}}, scale = %{{.*}}, b = %{{.*}}, resets = %{{.*}} : <1x16x16xf32
    %gn = gpu_tile.since_reset %gy x = %gs, scale = %gr, b = %gb, resets = %gr : !gpu_tile.fragment<1x16x16xf32, #gpu_tile.mma<rows = [0, 1], cols = [2], warps = [1, 1]>>, !gpu_tile.shared<16x1x16xbf16>, !gpu_tile.shared<1x16xf32>, !gpu_tile.shared<16x16xbf16>, !gpu_tile.shared<1x16xf32>

    %xs = gpu_tile.alloc at 24576 : !gpu_tile.shared<8x2x16xf32>
    %bs = gpu_tile.alloc at 32768 : !gpu_tile.shared<8x4xf32>
    %ds = gpu_tile.alloc at 40960 : !gpu_tile.shared<2x8xf32>
    %partials = gpu_tile.alloc at 49152 : !gpu_tile.shared<2x8x2x16xf32>
    %s0 = gpu_tile.constant 0.0 : !state
    // CHECK: %[[S1:.*]] = gpu_tile.scan x = %{{.*}}, b = %{{.*}}, c = %{{.*}}, init = %{{.*}} partials %{{.*}} : <8x2x16xf32>, !gpu_tile.shared<8x4xf32>, !gpu_tile.shared<8x4xf32>, <2x4x16xf32, #gpu_tile.lanes<rows = 2>>, <2x8x2x16xf32> -> <2x4x16xf32, #gpu_tile.lanes<rows = 2>>
    %s1 = gpu_tile.scan x = %xs, b = %bs, c = %bs, init = %s0 partials %partials : !gpu_tile.shared<8x2x16xf32>, !gpu_tile.shared<8x4xf32>, !gpu_tile.shared<8x4xf32>, !state, !gpu_tile.shared<2x8x2x16xf32> -> !state
    // CHECK: gpu_tile.scan x = %{{.*}}, b = %{{.*}}, c = %{{.*}}, decay = %{{.*}} : !gpu_tile.shared<2x8xf32>, init = %[[S1]] partials %{{.*}} associative :
    %s2 = gpu_tile.scan x = %xs, b = %bs, c = %bs, decay = %ds : !gpu_tile.shared<2x8xf32>, init = %s1 partials %partials associative : !gpu_tile.shared<8x2x16xf32>, !gpu_tile.shared<8x4xf32>, !gpu_tile.shared<8x4xf32>, !state, !gpu_tile.shared<2x8x2x16xf32> -> !state
    // CHECK: %[[OWN:.*]] = gpu_tile.map deferred(%{{.*}}) maps [#{{.*}}] : (!gpu_tile.shared<2x8xf32>) -> !gpu_tile.fragment<8x2x1x16xf32, #gpu_tile.linear>
    %own = gpu_tile.map deferred (%ds) maps [affine_map<(q, h, n, p) -> (h, q)>] : (!gpu_tile.shared<2x8xf32>) -> !gpu_tile.fragment<8x2x1x16xf32, #gpu_tile.linear> {
    ^bb0(%v: f32):
      gpu_tile.yield %v : f32
    }
    // CHECK: gpu_tile.scan {{.*}}, decay = %[[OWN]] : !gpu_tile.fragment<8x2x1x16xf32, #gpu_tile.linear>, excess = %[[OWN]] : {{.*}}, init =
    %s3 = gpu_tile.scan x = %xs, b = %bs, c = %bs, decay = %own : !gpu_tile.fragment<8x2x1x16xf32, #gpu_tile.linear>, excess = %own : !gpu_tile.fragment<8x2x1x16xf32, #gpu_tile.linear>, init = %s2 partials %partials : !gpu_tile.shared<8x2x16xf32>, !gpu_tile.shared<8x4xf32>, !gpu_tile.shared<8x4xf32>, !state, !gpu_tile.shared<2x8x2x16xf32> -> !state
    // CHECK: gpu_tile.scan {{.*}} partials %{{.*}} across : <8x2x16xf32>, !gpu_tile.shared<8x4xf32>, !gpu_tile.shared<8x2x16xf32>, {{.*}}, <1x8x2x4xf32>
    %across = gpu_tile.alloc at 49152 : !gpu_tile.shared<1x8x2x4xf32>
    %s4 = gpu_tile.scan x = %xs, b = %bs, c = %xs, init = %s3 partials %across across : !gpu_tile.shared<8x2x16xf32>, !gpu_tile.shared<8x4xf32>, !gpu_tile.shared<8x2x16xf32>, !state, !gpu_tile.shared<1x8x2x4xf32> -> !state
    // CHECK: gpu_tile.return
    gpu_tile.return
  }
}
