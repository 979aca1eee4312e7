// RUN: mixer-opt %s --tile-to-gpu="arch=sm_80" --gpu-tile-to-nvvm | FileCheck %s

!m = memref<?x4xf32, strided<[?, 1], offset: ?>>

// Flags are counters: every thread counts itself after its stores, and waits until all threads of the other block have.
tile.program @p of @spec plan "plan" buffers [] {
  // CHECK: llvm.func @p__flags(%{{.*}}: i64, %{{.*}}: i64, %{{.*}}: i64, %{{.*}}: i64, %[[FLAGS:.*]]: !llvm.ptr<1>, %[[STRIDE:[^:]*]]: i64, %{{.*}}: i64)
  // CHECK-SAME: mixc.threads = 32 : i32
  tile.kernel @flags(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m)
      attributes {grid = #tile.grid<blocks = 1, halves = true>} {
    // CHECK: %[[BLOCKS:.*]] = nvvm.read.ptx.sreg.nctaid.x
    // CHECK: arith.extui %[[BLOCKS]]
    %blocks = tile.blocks
    // CHECK: %[[ROW:.*]] = arith.muli %{{.*}}, %[[STRIDE]]
    // CHECK: %[[ELEMENT:.*]] = arith.addi %[[ROW]]
    // CHECK: %[[FLAG:.*]] = llvm.getelementptr %[[FLAGS]][%[[ELEMENT]]] : (!llvm.ptr<1>, i64) -> !llvm.ptr<1>, i32
    // CHECK: scf.while
    // CHECK: %[[COUNT:.*]] = llvm.load %[[FLAG]] atomic syncscope("device") acquire
    // CHECK: %[[WAIT:.*]] = arith.cmpi ult, %[[COUNT]], %c32_i32
    // CHECK: scf.condition(%[[WAIT]])
    tile.acquire %x[%blocks, %B] : !m
    // CHECK: llvm.atomicrmw add %{{.*}}, %c1_i32 syncscope("device") release : !llvm.ptr<1>, i32
    tile.release %x[%block, %B] : !m
    tile.return
  }
}
