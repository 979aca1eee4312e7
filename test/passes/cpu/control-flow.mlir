// RUN: mixer-opt %s --tile-to-cpu --split-input-file | FileCheck %s

// Scalars are carried as values, tiles in their places: the loop of the function carries the count only.
// CHECK-LABEL: func.func @loop__main
// CHECK-SAME: mixc.scratch_bytes = 64 : i64
// CHECK: scf.for {{.*}} iter_args(%{{.*}} = %{{.*}}) -> (index)
// CHECK: arith.addf {{.*}} : vector<16xf32>
// CHECK: llvm.store
// CHECK-NOT: llvm.store
// CHECK: scf.yield %{{.*}} : index
!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @loop of @spec plan "plan" buffers [] {
  tile.kernel @main(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m, %y: !m)
      attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %a0 = tile.load %x[0, 0] dims [1] limits [16] : !m -> tensor<16xf32>
    %a, %n = scf.for %i = %c0 to %T step %c1 iter_args(%u = %a0, %m = %c0) -> (tensor<16xf32>, index) {
      %v = arith.addf %u, %u : tensor<16xf32>
      %m1 = arith.addi %m, %i : index
      scf.yield %v, %m1 : tensor<16xf32>, index
    }
    tile.store %a, %y[%n, 0] dims [1] limits [16] : tensor<16xf32> -> !m
    tile.return
  }
}

// -----

// Both branches load to the place of the result.
// CHECK-LABEL: func.func @branch__main
// CHECK-SAME: mixc.scratch_bytes = 64 : i64
// CHECK: scf.if
!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @branch of @spec plan "plan" buffers [] {
  tile.kernel @main(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m, %y: !m)
      attributes {grid = #tile.grid<blocks = 1>} {
    %is = arith.cmpi eq, %B, %T : index
    %a = scf.if %is -> tensor<16xf32> {
      %u = tile.load %x[0, 0] dims [1] limits [16] : !m -> tensor<16xf32>
      scf.yield %u : tensor<16xf32>
    } else {
      %v = tile.load %x[1, 0] dims [1] limits [16] : !m -> tensor<16xf32>
      scf.yield %v : tensor<16xf32>
    }
    tile.store %a, %y[0, 0] dims [1] limits [16] : tensor<16xf32> -> !m
    tile.return
  }
}

// -----

// A tile that is read after the loop keeps a place of its own: the loop starts from a copy.
// CHECK-LABEL: func.func @copied__main
// CHECK-SAME: mixc.scratch_bytes = 128 : i64
!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @copied of @spec plan "plan" buffers [] {
  tile.kernel @main(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m, %y: !m)
      attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %a0 = tile.load %x[0, 0] dims [1] limits [16] : !m -> tensor<16xf32>
    %a = scf.for %i = %c0 to %T step %c1 iter_args(%u = %a0) -> (tensor<16xf32>) {
      %v = arith.addf %u, %u : tensor<16xf32>
      scf.yield %v : tensor<16xf32>
    }
    %d = arith.subf %a, %a0 : tensor<16xf32>
    tile.store %d, %y[0, 0] dims [1] limits [16] : tensor<16xf32> -> !m
    tile.return
  }
}
