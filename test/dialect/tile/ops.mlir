// RUN: mixer-opt %s | mixer-opt | FileCheck %s
// RUN: mixer-opt %s --mlir-print-op-generic | mixer-opt | FileCheck %s

!rows = memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
!state = memref<?x4x64x16xf32, strided<[?, ?, ?, ?], offset: ?>>

// CHECK-LABEL: tile.program @free of @spec plan "plan" buffers [#tile.buffer<[-1, -3, 4] bands 2>, #tile.buffer<[-1, 4] bands 1, most = 5.000000e+00 : f32, of = "g">] attributes {bands}
tile.program @free of @spec plan "plan" buffers [#tile.buffer<[-1, -3, 4] bands 2>, #tile.buffer<[-1, 4] bands 1, most = 5.0 : f32, of = "g">] attributes {bands} {
  // CHECK: grid = #tile.grid<blocks = 4, batch = true, bands = true>
  tile.kernel @k(%block: index, %B: index, %T: index, %splits: index, %span: index) attributes {grid = #tile.grid<blocks = 4, batch = true, bands = true>} {
    // CHECK: tile.bands
    %bands = tile.bands
    tile.return
  }
}

// CHECK-LABEL: tile.program @p of @spec plan "plan" buffers [#tile.buffer<[-1, -3, 4]>]
tile.program @p of @spec plan "plan" buffers [#tile.buffer<[-1, -3, 4]>] {
  // CHECK: tile.kernel @split({{.*}}) attributes {grid = #tile.grid<blocks = 4, batch = true, splits = true>, when = #tile.when<split>}
  tile.kernel @split(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !rows, %s: !state)
      attributes {grid = #tile.grid<blocks = 4, batch = true, splits = true>, when = #tile.when<split>} {
    // CHECK: tile.return
    tile.return
  }
  // CHECK: tile.kernel @rows({{.*}}) attributes {grid = #tile.grid<blocks = 2, rows = 64>, when = #tile.when<always>}
  tile.kernel @rows(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !rows, %s: !state)
      attributes {grid = #tile.grid<blocks = 2, rows = 64>, when = #tile.when<always>} {
    // CHECK: %[[X:.*]] = tile.load %{{.*}} [0, %{{.*}}, 3, 0] dims [1, 3] limits [%{{.*}}, 64] : memref<{{.*}}> -> tensor<32x64xf32>
    %0 = tile.load %x[0, %block, 3, 0] dims [1, 3] limits [%T, 64] : !rows -> tensor<32x64xf32>
    // CHECK: tile.load %{{.*}} [%{{.*}}, 0, 0, 0] dims [1, 2, 3] limits [4, 64, 16] optional : memref
    %1 = tile.load %s[%block, 0, 0, 0] dims [1, 2, 3] limits [4, 64, 16] optional : !state -> tensor<4x64x16xf32>
    // CHECK: tile.store %[[X]], %{{.*}} [0, 0, 0, 0] dims [1, 3] limits [%{{.*}}, 64] optional : tensor<32x64xf32> -> memref
    tile.store %0, %x[0, 0, 0, 0] dims [1, 3] limits [%T, 64] optional : tensor<32x64xf32> -> !rows
    // CHECK: tile.reverse %{{.*}} dim 1 of %{{.*}} : memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
    %back = tile.reverse %x dim 1 of %T : !rows
    // CHECK: tile.earlier %{{.*}} dim 1 by 3 : memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
    %later = tile.earlier %x dim 1 by 3 : !rows
    // CHECK: tile.steps %{{.*}} dim 1 of 3 : memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
    %repeated = tile.steps %back dim 1 of 3 : !rows
    // CHECK: tile.steps %{{.*}} dim 1 of 4 through 2 : memref<?x?x4x64xbf16, strided<[?, ?, ?, ?], offset: ?>>
    %steps = tile.steps %x dim 1 of 4 through 2 : !rows
    // CHECK: tile.sequence %{{[a-z0-9]+}}{{$}}
    %whole:9 = tile.sequence %block
    // CHECK: tile.sequence %{{[a-z0-9]+}} split{{$}}
    %segment:9 = tile.sequence %block split
    // CHECK: tile.sequence %{{[a-z0-9]+}} rows 64{{$}}
    %part:9 = tile.sequence %block rows 64
    // CHECK: tile.cumsum %{{.*}} : tensor<32x64xf32>
    %sums, %resets = tile.cumsum %0 : tensor<32x64xf32>
    // CHECK: tile.spans %{{.*}} blocks [8, 2] anchors [4, 1] : tensor<32x64xf32> -> tensor<2x32x64xf32>
    %spans = tile.spans %0 blocks [8, 2] anchors [4, 1] : tensor<32x64xf32> -> tensor<2x32x64xf32>
    // CHECK: tile.spans %{{.*}} blocks [32] anchors [0] pre : tensor<32x64xf32> -> tensor<1x32x64xf32>
    %before = tile.spans %0 blocks [32] anchors [0] pre : tensor<32x64xf32> -> tensor<1x32x64xf32>
    %matrix = arith.constant dense<0.5> : tensor<2x8x8xf32>
    %right = arith.constant dense<1.0> : tensor<2x16x8xf32>
    // CHECK: tile.solve %{{.*}}, %{{.*}} : tensor<2x8x8xf32>, tensor<2x16x8xf32> -> tensor<8x2x16xf32>
    %solution = tile.solve %matrix, %right : tensor<2x8x8xf32>, tensor<2x16x8xf32> -> tensor<8x2x16xf32>
    // CHECK: tile.lag %{{.*}} after %{{.*}}, %{{.*}} : tensor<32x64xf32>
    %lag, %low, %level, %factor, %counts, %earlier = tile.lag %0 after %sums, %sums : tensor<32x64xf32>
    // CHECK: tile.running_sum %{{.*}} after %{{.*}}, %{{.*}} : tensor<32x64xf32>
    %total, %totalLow, %totalBefore = tile.running_sum %0 after %sums, %sums : tensor<32x64xf32>
    // CHECK: tile.running_max %{{.*}} decay %{{.*}} after %{{.*}} : tensor<32x64xf32>
    %most, %mostBefore = tile.running_max %0 decay %sums after %sums : tensor<32x64xf32>
    %x3 = arith.constant dense<1.0> : tensor<8x2x16xf32>
    %o3 = arith.constant dense<1.0> : tensor<2x16x8xf32>
    %n3 = arith.constant dense<0.0> : tensor<2x8xf32>
    // CHECK: tile.guard %{{.*}} into %{{.*}} : tensor<8x2x16xf32>, tensor<2x16x8xf32>
    %f0, %m0 = tile.guard %x3 into %o3 : tensor<8x2x16xf32>, tensor<2x16x8xf32>
    // CHECK: tile.guard %{{.*}} into %{{.*}} since %{{.*}} : tensor<2x8xf32> : tensor<8x2x16xf32>, tensor<2x16x8xf32>
    %f1, %m1 = tile.guard %x3 into %o3 since %n3 : tensor<2x8xf32> : tensor<8x2x16xf32>, tensor<2x16x8xf32>
    // CHECK: tile.guard %{{.*}} into %{{.*}} pre : tensor<8x2x16xf32>, tensor<2x16x8xf32>
    %f2, %m2 = tile.guard %x3 into %o3 pre : tensor<8x2x16xf32>, tensor<2x16x8xf32>
    %b3 = arith.constant dense<1.0> : tensor<8x4xf32>
    %s3 = arith.constant dense<1.0> : tensor<2x16x4xf32>
    // CHECK: tile.since_reset %{{.*}} x = %{{.*}}, scale = %{{.*}}, b = %{{.*}}, resets = %{{.*}} : tensor<2x16x4xf32>, tensor<8x2x16xf32>, tensor<2x8xf32>, tensor<8x4xf32>, tensor<2x8xf32>
    %r3 = tile.since_reset %s3 x = %x3, scale = %n3, b = %b3, resets = %n3 : tensor<2x16x4xf32>, tensor<8x2x16xf32>, tensor<2x8xf32>, tensor<8x4xf32>, tensor<2x8xf32>
    // CHECK: %[[GIVEN:.*]], %[[SEED:.*]] = tile.seed
    %given, %seed = tile.seed
    // CHECK: %{{.*}} = tile.copied
    %copied = tile.copied
    %one = arith.constant 1.0 : f32
    // CHECK: tile.stochastic_round %{{.*}} at %{{.*}} seed %[[SEED]] : bf16
    %narrow = tile.stochastic_round %one at %block seed %seed : bf16
    %b = arith.constant dense<1.0> : tensor<8x4xf32>
    %g = arith.constant dense<0.5> : tensor<2x8xf32>
    %i = arith.constant dense<0.0> : tensor<2x4x16xf32>
    // CHECK: tile.scan x = %{{.*}}, b = %{{.*}}, c = %{{.*}}, init = %{{.*}} : tensor<8x2x16xf32>
    %y0, %s0 = tile.scan x = %x3, b = %b, c = %b, init = %i : tensor<8x2x16xf32>, tensor<8x4xf32>, tensor<8x4xf32>, tensor<2x4x16xf32> -> tensor<8x2x16xf32>, tensor<2x4x16xf32>
    // CHECK: tile.scan {{.*}}, decay = %{{.*}} : tensor<2x4x8xf32>, l = %{{.*}} : tensor<8x2x4xf32>, r = %{{.*}} : tensor<8x4xf32>, init = %{{.*}} pre :
    %rows = arith.constant dense<1.0> : tensor<8x2x4xf32>
    %entries = arith.constant dense<1.0> : tensor<2x4x8xf32>
    %y2, %s2 = tile.scan x = %x3, b = %b, c = %rows, decay = %entries : tensor<2x4x8xf32>, l = %rows : tensor<8x2x4xf32>, r = %b : tensor<8x4xf32>, init = %i pre : tensor<8x2x16xf32>, tensor<8x4xf32>, tensor<8x2x4xf32>, tensor<2x4x16xf32> -> tensor<8x2x16xf32>, tensor<2x4x16xf32>
    // CHECK: tile.scan {{.*}}, decay = %{{.*}} : tensor<2x8xf32>, init = %{{.*}} associative : tensor<8x2x16xf32>
    %y1, %s1 = tile.scan x = %x3, b = %b, c = %b, decay = %g : tensor<2x8xf32>, init = %i associative : tensor<8x2x16xf32>, tensor<8x4xf32>, tensor<8x4xf32>, tensor<2x4x16xf32> -> tensor<8x2x16xf32>, tensor<2x4x16xf32>
    // CHECK: tile.scan {{.*}}, c = %{{.*}}, decay = %{{.*}} : tensor<8x2x1x16xf32>, excess = %{{.*}} : tensor<8x2x1x16xf32>, init = %{{.*}} : tensor<8x2x16xf32>, tensor<8x4xf32>, tensor<8x2x4x16xf32>,
    %ones = arith.constant dense<1.0> : tensor<8x2x1x16xf32>
    %own = arith.constant dense<1.0> : tensor<8x2x4x16xf32>
    %y3, %s3c = tile.scan x = %x3, b = %b, c = %own, decay = %ones : tensor<8x2x1x16xf32>, excess = %ones : tensor<8x2x1x16xf32>, init = %i : tensor<8x2x16xf32>, tensor<8x4xf32>, tensor<8x2x4x16xf32>, tensor<2x4x16xf32> -> tensor<8x2x16xf32>, tensor<2x4x16xf32>
    // CHECK: tile.scan {{.*}}, init = %{{.*}} pre across : tensor<8x2x16xf32>, tensor<8x4xf32>, tensor<8x2x16xf32>, tensor<2x4x16xf32> -> tensor<8x2x4xf32>, tensor<2x4x16xf32>
    %y4, %s4a = tile.scan x = %x3, b = %b, c = %x3, init = %i pre across : tensor<8x2x16xf32>, tensor<8x4xf32>, tensor<8x2x16xf32>, tensor<2x4x16xf32> -> tensor<8x2x4xf32>, tensor<2x4x16xf32>
    %w = arith.constant dense<1.0> : tensor<16x16xf32>
    // CHECK: linalg.contract indexing_maps = [{{.*}}] {tile.tf32} ins(
    %p = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>] {tile.tf32} ins(%w, %w : tensor<16x16xf32>, tensor<16x16xf32>) outs(%w : tensor<16x16xf32>) -> tensor<16x16xf32>
    tile.return
  }
  // CHECK: tile.kernel @halves({{.*}}) attributes {grid = #tile.grid<blocks = 2, batch = true, halves = true>, when = #tile.when<halved>}
  tile.kernel @halves(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !rows, %s: !state)
      attributes {grid = #tile.grid<blocks = 2, batch = true, halves = true>, when = #tile.when<halved>} {
    // CHECK: %[[COUNT:.*]] = tile.blocks
    %count = tile.blocks
    // CHECK: tile.acquire %{{.*}}[%{{.*}}, %[[COUNT]], %{{.*}}, %{{.*}}] : memref<?x4x64x16xf32
    tile.acquire %s[%block, %count, %B, %T] : !state
    // CHECK: tile.release %{{.*}}[%{{.*}}, %[[COUNT]], %{{.*}}, %{{.*}}] : memref<?x4x64x16xf32
    tile.release %s[%block, %count, %B, %T] : !state
    tile.return
  }
}
