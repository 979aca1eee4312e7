// RUN: mixer-opt %s --tile-to-cpu --canonicalize --cse --split-input-file | FileCheck %s

// Broadcasts are loaded where their address is known: the row's factor outside of the loop over columns. Indices become
// vectors; scalars from outside are broadcast.
// CHECK-LABEL: func.func @broadcast__main
// CHECK: arith.negf
// CHECK: scf.for
// CHECK:   %[[ROW:.*]] = vector.broadcast %{{.*}} : f32 to vector<16xf32>
// CHECK:   scf.for
// CHECK:     %[[COLUMN:.*]] = arith.addi %{{.*}}, %{{.*}} : vector<16xindex>
// CHECK:     arith.cmpi slt, %[[COLUMN]], %{{.*}} : vector<16xindex>
// CHECK:     arith.select
#id = affine_map<(h, q) -> (h, q)>
!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @broadcast of @spec plan "plan" buffers [] {
  tile.kernel @main(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m, %y: !m)
      attributes {grid = #tile.grid<blocks = 1>} {
    %t = tile.load %x[0, 0] dims [0, 1] limits [3, 32] : !m -> tensor<3x32xf32>
    %b = arith.negf %t : tensor<3x32xf32>
    %e = tensor.empty() : tensor<3x32xf32>
    %r = linalg.generic {indexing_maps = [#id, affine_map<(h, q) -> (h, 31)>, #id], iterator_types = ["parallel", "parallel"]}
        ins(%b, %b : tensor<3x32xf32>, tensor<3x32xf32>) outs(%e : tensor<3x32xf32>) {
    ^bb0(%in: f32, %last: f32, %out: f32):
      %s = arith.addf %in, %last : f32
      %q = linalg.index 1 : index
      %ok = arith.cmpi slt, %q, %T : index
      %v = arith.select %ok, %s, %in : f32
      linalg.yield %v : f32
    } -> tensor<3x32xf32>
    tile.store %r, %y[0, 0] dims [0, 1] limits [3, 32] : tensor<3x32xf32> -> !m
    tile.return
  }
}

// -----

// A chain of elementwise operations is one loop and one place.
// CHECK-LABEL: func.func @chain__main
// CHECK-SAME: mixc.scratch_bytes = 128 : i64
// CHECK: %[[SUM:.*]] = arith.addf %[[X:.*]], %[[X]]
// CHECK-NEXT: %[[PRODUCT:.*]] = arith.mulf %[[SUM]], %[[SUM]]
// CHECK-NEXT: math.exp %[[PRODUCT]]
!m = memref<?xf32, strided<[?], offset: ?>>
tile.program @chain of @spec plan "plan" buffers [] {
  tile.kernel @main(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m, %y: !m)
      attributes {grid = #tile.grid<blocks = 1>} {
    %t = tile.load %x[0] dims [0] limits [32] : !m -> tensor<32xf32>
    %a = arith.addf %t, %t : tensor<32xf32>
    %b = arith.mulf %a, %a : tensor<32xf32>
    %c = math.exp %b : tensor<32xf32>
    tile.store %c, %y[0] dims [0] limits [32] : tensor<32xf32> -> !m
    tile.return
  }
}

// -----

// A tile that is read both ways: one of the operations gets a copy, transposed in registers.
// CHECK-LABEL: func.func @transpose__main
// CHECK: vector.shuffle
// CHECK: arith.addf
!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @transpose of @spec plan "plan" buffers [] {
  tile.kernel @main(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m, %y: !m)
      attributes {grid = #tile.grid<blocks = 1>} {
    %t = tile.load %x[0, 0] dims [0, 1] limits [16, 16] : !m -> tensor<16x16xf32>
    %b = math.exp %t : tensor<16x16xf32>
    %e = tensor.empty() : tensor<16x16xf32>
    %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j, i)>, affine_map<(i, j) -> (i, j)>],
                         iterator_types = ["parallel", "parallel"]}
        ins(%b, %b : tensor<16x16xf32>, tensor<16x16xf32>) outs(%e : tensor<16x16xf32>) {
    ^bb0(%u: f32, %v: f32, %out: f32):
      %s = arith.addf %u, %v : f32
      linalg.yield %s : f32
    } -> tensor<16x16xf32>
    tile.store %r, %y[0, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !m
    tile.return
  }
}

// -----

// A row is read backwards where the other index falls: a vector of it, turned round.
// CHECK-LABEL: func.func @distances__main
// CHECK: scf.for
// CHECK: %[[TURNED:.*]] = vector.shuffle %[[ROW:.*]], %[[ROW]] [15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]
// CHECK: arith.mulf %{{.*}}, %[[TURNED]]
#id = affine_map<(t, s) -> (t, s)>
!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @distances of @spec plan "plan" buffers [] {
  tile.kernel @main(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m, %y: !m)
      attributes {grid = #tile.grid<blocks = 1>} {
    %t = tile.load %x[0, 0] dims [0, 1] limits [16, 16] : !m -> tensor<16x16xf32>
    %d = tile.load %x[0, 0] dims [1] limits [32] : !m -> tensor<32xf32>
    %e = tensor.empty() : tensor<16x16xf32>
    %r = linalg.generic {indexing_maps = [#id, affine_map<(t, s) -> (t - s + 16)>, #id], iterator_types = ["parallel", "parallel"]}
        ins(%t, %d : tensor<16x16xf32>, tensor<32xf32>) outs(%e : tensor<16x16xf32>) {
    ^bb0(%in: f32, %at: f32, %out: f32):
      %v = arith.mulf %in, %at : f32
      linalg.yield %v : f32
    } -> tensor<16x16xf32>
    tile.store %r, %y[0, 0] dims [0, 1] limits [16, 16] : tensor<16x16xf32> -> !m
    tile.return
  }
}
