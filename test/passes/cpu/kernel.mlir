// RUN: mixer-opt %s --tile-to-cpu="suffix=_v4" | FileCheck %s
// RUN: mixer-opt %s --tile-to-cpu="vector-width=8" | FileCheck %s --check-prefix=NARROW
// RUN: mixer-opt %s --tile-to-cpu --cpu-to-llvm | FileCheck %s --check-prefix=LLVM

// A program becomes a function per kernel: arguments as a list of i64, pointers followed by strides in elements.
// CHECK-NOT: tile.
// CHECK: func.func @scale__main_v4(%[[PARAMS:.*]]: !llvm.ptr, %[[BLOCK:.*]]: i64, %[[SCRATCH:.*]]: !llvm.ptr {llvm.noalias}) attributes {mixc.scratch_bytes = 128 : i64}
// Subnormal numbers count as zero until the return.
// CHECK: %[[MODE:.*]] = llvm.alloca
// CHECK: %[[FLUSHING:.*]] = llvm.alloca
// CHECK: llvm.call_intrinsic "llvm.x86.sse.stmxcsr"(%[[MODE]])
// CHECK: llvm.call_intrinsic "llvm.x86.sse.ldmxcsr"(%[[FLUSHING]])
// CHECK: arith.index_cast %[[BLOCK]] : i64 to index
// CHECK: llvm.load %[[PARAMS]] {alignment = 8 : i64} : !llvm.ptr -> i64
// The first tensor's pointer follows B, T, splits, span and six numbers of the call's sequences, then its strides.
// CHECK: %[[AT:.*]] = llvm.getelementptr %[[PARAMS]][80]
// CHECK: %[[X:.*]] = llvm.load %[[AT]]
// CHECK: llvm.inttoptr %[[X]] : i64 to !llvm.ptr
// CHECK: llvm.getelementptr %[[PARAMS]][88]
// CHECK: llvm.getelementptr %[[PARAMS]][96]
// CHECK: llvm.getelementptr %[[PARAMS]][104]
// CHECK: llvm.inttoptr
// CHECK: arith.mulf {{.*}} fastmath<contract> : vector<16xf32>
// CHECK: llvm.call_intrinsic "llvm.x86.sse.ldmxcsr"(%[[MODE]])
// CHECK-NEXT: return
// CHECK: func.func @scale__second_v4
// CHECK-NOT: tile.

// NARROW: func.func @scale__main(
// NARROW: arith.mulf {{.*}} : vector<8xf32>

// LLVM: llvm.func @scale__main(%{{.*}}: !llvm.ptr, %{{.*}}: i64, %{{.*}}: !llvm.ptr {llvm.noalias}) attributes {mixc.scratch_bytes = 128 : i64}
// LLVM: llvm.fmul {{.*}} : vector<16xf32>
!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
tile.program @scale of @spec plan "plan" buffers [] {
  tile.kernel @main(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m, %y: !m)
      attributes {grid = #tile.grid<blocks = 1, batch = true>} {
    %two = arith.constant dense<2.0> : tensor<32xf32>
    %t = tile.load %x[%block, 0] dims [1] limits [32] : !m -> tensor<32xf32>
    %r = arith.mulf %t, %two : tensor<32xf32>
    tile.store %r, %y[%block, 0] dims [1] limits [32] : tensor<32xf32> -> !m
    tile.return
  }
  tile.kernel @second(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m, %y: !m)
      attributes {grid = #tile.grid<blocks = 1>} {
    tile.return
  }
}
