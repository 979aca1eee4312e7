// A tile that a loop carries elementwise from a tensor to a tensor: the first trip reads it in the one, all trips write it in the other,
// where both have it as it is.
// RUN: mixer-opt %s --tile-to-cpu --canonicalize --cse | FileCheck %s

!m = memref<?x?x?xf32, strided<[?, ?, ?], offset: ?>>
!v = memref<?xf32, strided<[?], offset: ?>>
#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>

// The sequence is found once, and what the final state's place depends on is known before the loop. Only a tile that is not read in its
// tensor is loaded, and only one that is not written in its tensor is stored.
// CHECK-LABEL: func.func @kept__main
// CHECK: %[[TO:.*]] = arith.select %[[KEPT:.*]], %{{.*}}, %arg2 : !llvm.ptr
// CHECK: %[[FROM:.*]] = arith.select %[[READ:.*]], %{{.*}}, %[[TO]] : !llvm.ptr
// CHECK: %[[LOADED:.*]] = arith.xori %[[READ]], %true
// CHECK: scf.if %[[LOADED]] {
// CHECK: scf.for %[[T:.*]] = %c0{{.*}} to %[[LENGTH:.*]] step %c1
// CHECK:   %[[FIRST:.*]] = arith.cmpi eq, %[[T]], %c0
// CHECK:   %[[STATE:.*]] = arith.select %[[FIRST]], %[[FROM]], %[[TO]] : !llvm.ptr
// CHECK:   scf.for
// CHECK:     scf.for %{{.*}} step %c32
// CHECK:       %[[ELEMENT:.*]] = llvm.getelementptr %[[STATE]][
// CHECK:       llvm.load %[[ELEMENT]]
// CHECK:       %[[NEXT:.*]] = llvm.getelementptr %[[TO]][
// CHECK:       llvm.store %{{.*}}, %[[NEXT]]
// CHECK: %[[STORED:.*]] = arith.xori %[[KEPT]], %true
// CHECK: scf.if %[[STORED]]
tile.program @kept of @spec plan "plan" buffers [] {
  tile.kernel @main(%block: index, %B: index, %T: index, %splits: index, %span: index, %s: !m, %to: !m, %y: !v)
      attributes {grid = #tile.grid<blocks = 1, batch = true>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %zeros = arith.constant dense<0.0> : tensor<64x128xf32>
    %batch, %part, %parts, %rowOf, %length, %source, %target, %buffer, %place = tile.sequence %block
    %exists = arith.cmpi sge, %source, %c0 : index
    %S = scf.if %exists -> tensor<64x128xf32> {
      %loaded = tile.load %s[%source, 0, 0] dims [1, 2] limits [64, 128] optional : !m -> tensor<64x128xf32>
      scf.yield %loaded : tensor<64x128xf32>
    } else {
      scf.yield %zeros : tensor<64x128xf32>
    }
    %last = scf.for %t = %c0 to %length step %c1 iter_args(%before = %S) -> tensor<64x128xf32> {
      %e = tensor.empty() : tensor<64x128xf32>
      %next = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
          ins(%before : tensor<64x128xf32>) outs(%e : tensor<64x128xf32>) {
      ^bb0(%a: f32, %o: f32):
        %m = arith.addf %a, %a : f32
        linalg.yield %m : f32
      } -> tensor<64x128xf32>
      %zero = arith.constant dense<0.0> : tensor<64xf32>
      %sum = linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]}
          ins(%next : tensor<64x128xf32>) outs(%zero : tensor<64xf32>) {
      ^bb0(%a: f32, %o: f32):
        %m = arith.addf %o, %a : f32
        linalg.yield %m : f32
      } -> tensor<64xf32>
      tile.store %sum, %y[0] dims [0] limits [64] : tensor<64xf32> -> !v
      scf.yield %next : tensor<64x128xf32>
    }
    %batch2, %part2, %parts2, %rowOf2, %length2, %source2, %target2, %buffer2, %place2 = tile.sequence %block
    %isKept = arith.cmpi sge, %target2, %c0 : index
    scf.if %isKept {
      tile.store %last, %to[%target2, 0, 0] dims [1, 2] limits [64, 128] optional : tensor<64x128xf32> -> !m
    }
    tile.return
  }
}

// What is read once more after the loop has begun to write stays in scratch memory.
// CHECK-LABEL: func.func @reread__main
// CHECK-NOT: arith.select {{.*}} : !llvm.ptr
// CHECK: return
tile.program @reread of @spec plan "plan" buffers [] {
  tile.kernel @main(%block: index, %B: index, %T: index, %splits: index, %span: index, %s: !m, %to: !m)
      attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %e = tensor.empty() : tensor<64x128xf32>
    %S = tile.load %s[0, 0, 0] dims [1, 2] limits [64, 128] : !m -> tensor<64x128xf32>
    %last = scf.for %t = %c0 to %T step %c1 iter_args(%before = %S) -> tensor<64x128xf32> {
      %again = tile.load %s[0, 0, 0] dims [1, 2] limits [64, 128] : !m -> tensor<64x128xf32>
      %next = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
          ins(%before, %again : tensor<64x128xf32>, tensor<64x128xf32>) outs(%e : tensor<64x128xf32>) {
      ^bb0(%a: f32, %b: f32, %o: f32):
        %m = arith.addf %a, %b : f32
        linalg.yield %m : f32
      } -> tensor<64x128xf32>
      scf.yield %next : tensor<64x128xf32>
    }
    tile.store %last, %to[0, 0, 0] dims [1, 2] limits [64, 128] : tensor<64x128xf32> -> !m
    tile.return
  }
}

// Another tile of the tensor that the loop ends in is read by the loop, so that it is written after that; what it begins with is read in
// its tensor.
// CHECK-LABEL: func.func @ends_elsewhere__main
// CHECK: %[[FROM:.*]] = arith.select %{{.*}}, %{{.*}}, %arg2 : !llvm.ptr
// CHECK: scf.for
// CHECK:   arith.select %{{.*}}, %[[FROM]], %arg2 : !llvm.ptr
// CHECK: return
tile.program @ends_elsewhere of @spec plan "plan" buffers [] {
  tile.kernel @main(%block: index, %B: index, %T: index, %splits: index, %span: index, %s: !m, %to: !m)
      attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %e = tensor.empty() : tensor<64x128xf32>
    %S = tile.load %s[0, 0, 0] dims [1, 2] limits [64, 128] : !m -> tensor<64x128xf32>
    %last = scf.for %t = %c0 to %T step %c1 iter_args(%before = %S) -> tensor<64x128xf32> {
      %other = tile.load %to[1, 0, 0] dims [1, 2] limits [64, 128] : !m -> tensor<64x128xf32>
      %next = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
          ins(%before, %other : tensor<64x128xf32>, tensor<64x128xf32>) outs(%e : tensor<64x128xf32>) {
      ^bb0(%a: f32, %b: f32, %o: f32):
        %m = arith.addf %a, %b : f32
        linalg.yield %m : f32
      } -> tensor<64x128xf32>
      scf.yield %next : tensor<64x128xf32>
    }
    tile.store %last, %to[0, 0, 0] dims [1, 2] limits [64, 128] : tensor<64x128xf32> -> !m
    tile.return
  }
}
