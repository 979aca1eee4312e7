// RUN: mixer-opt %s --tile-to-cpu --canonicalize --cse --split-input-file | FileCheck %s

// What is loaded and read once by an elementwise operation beside a scan is read in the tensor, and what a scan of one row writes is
// written there, where rows are contiguous and whole: else both go through scratch memory. What the next trip of the loop reads or writes
// is fetched.
// CHECK-LABEL: func.func @direct__main
// CHECK: %[[IS_UNIT:.*]] = arith.cmpi eq, %{{.*}}, %c4
// CHECK: %[[PLACE:.*]] = arith.select %[[IS_UNIT]], %{{.*}}, %{{.*}} : !llvm.ptr
// CHECK: scf.if %[[IS_UNIT]]
// CHECK: scf.for %{{.*}} = %c0 to %c256 step %c128 {
// CHECK: scf.for %{{.*}} = %c0 to %c4 step %c1 iter_args
// CHECK: llvm.getelementptr %[[PLACE]]
// CHECK: llvm.intr.prefetch
// CHECK-NOT: scf.for
// CHECK-COUNT-16: vector.fma
// CHECK: llvm.intr.prefetch
// CHECK-NEXT: llvm.store
!m = memref<?x256xf32, strided<[?, ?], offset: ?>>
#a = affine_map<(t, u, n, h) -> (t, h)>
#d = affine_map<(t, u, n, h) -> (t, u, n, h)>
#x = affine_map<(t, u, h) -> (t, h)>
#y = affine_map<(t, u, h) -> (t, u, h)>
#from = affine_map<(t, h) -> (t, 0, h)>
#to = affine_map<(t, h) -> (t, h)>
tile.program @direct of @spec plan "plan" buffers [] {
  tile.kernel @main(%block: index, %B: index, %T: index, %splits: index, %span: index, %a: !m, %x: !m, %y: !m)
      attributes {grid = #tile.grid<blocks = 1>} {
    %c0 = arith.constant 0 : index
    %c4 = arith.constant 4 : index
    %zero = arith.constant dense<0.0> : tensor<1x1x256xf32>
    %one = arith.constant dense<1.0> : tensor<4x1x1x256xf32>
    %end = scf.for %first = %c0 to %T step %c4 iter_args(%state = %zero) -> (tensor<1x1x256xf32>) {
      %left = arith.subi %T, %first : index
      %at = tile.load %a[%first, 0] dims [0, 1] limits [%left, 256] : !m -> tensor<4x256xf32>
      %xt = tile.load %x[%first, 0] dims [0, 1] limits [%left, 256] : !m -> tensor<4x256xf32>
      %ed = tensor.empty() : tensor<4x1x1x256xf32>
      %ex = tensor.empty() : tensor<4x1x256xf32>
      %ey = tensor.empty() : tensor<4x256xf32>
      %d = linalg.generic {indexing_maps = [#a, #d], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
          ins(%at : tensor<4x256xf32>) outs(%ed : tensor<4x1x1x256xf32>) {
      ^bb0(%in: f32, %out: f32):
        %n = arith.negf %in : f32
        linalg.yield %n : f32
      } -> tensor<4x1x1x256xf32>
      %v = linalg.generic {indexing_maps = [#x, #y], iterator_types = ["parallel", "parallel", "parallel"]}
          ins(%xt : tensor<4x256xf32>) outs(%ex : tensor<4x1x256xf32>) {
      ^bb0(%in: f32, %out: f32):
        linalg.yield %in : f32
      } -> tensor<4x1x256xf32>
      %r, %s = tile.scan x = %v, b = %one, c = %one, decay = %d : tensor<4x1x1x256xf32>, init = %state
          : tensor<4x1x256xf32>, tensor<4x1x1x256xf32>, tensor<4x1x1x256xf32>, tensor<1x1x256xf32>
            -> tensor<4x1x256xf32>, tensor<1x1x256xf32>
      %w = linalg.generic {indexing_maps = [#from, #to], iterator_types = ["parallel", "parallel"]}
          ins(%r : tensor<4x1x256xf32>) outs(%ey : tensor<4x256xf32>) {
      ^bb0(%in: f32, %out: f32):
        linalg.yield %in : f32
      } -> tensor<4x256xf32>
      tile.store %w, %y[%first, 0] dims [0, 1] limits [%left, 256] : tensor<4x256xf32> -> !m
      scf.yield %s : tensor<1x1x256xf32>
    }
    tile.return
  }
}
