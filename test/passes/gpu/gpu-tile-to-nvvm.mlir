// A kernel as a function: parameters, launch attributes, shared memory by offsets, control flow with registers.
// RUN: mixer-opt %s --gpu-tile-to-nvvm | FileCheck %s

!x = memref<?x?x64xbf16, strided<[?, ?, ?], offset: ?>>
!w = memref<?x4x64xf32, strided<[256, 64, 1], offset: ?>>
!f = !gpu_tile.fragment<128xf32, #gpu_tile.linear>
!tile = !gpu_tile.shared<64x64xbf16, swizzle = 0>

// CHECK: gpu.module @p
// CHECK: llvm.mlir.global external @dyn_smem() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
gpu_tile.program @p of @spec plan "plan" buffers [#tile.buffer<[-1, 4]>] {
  // B, T, splits, span; six numbers of the call's sequences; a pointer and three strides for each tensor, also where they are known.
  // CHECK: llvm.func @p__main(%[[B:[^:]*]]: i64, %[[T:[^:]*]]: i64, %[[SPLITS:[^:]*]]: i64, %[[SPAN:[^:]*]]: i64, %{{[^:]*}}: i64, %{{[^:]*}}: i64, %{{[^:]*}}: i64, %{{[^:]*}}: i64, %{{[^:]*}}: i64, %{{[^:]*}}: i64, %[[X:[^:]*]]: !llvm.ptr<1>, %{{[^:]*}}: i64, %{{[^:]*}}: i64, %{{[^:]*}}: i64, %[[W:[^:]*]]: !llvm.ptr<1>, %{{[^:]*}}: i64, %{{[^:]*}}: i64, %{{[^:]*}}: i64, %{{[^:]*}}: i64, %{{[^:]*}}: i64, %{{[^:]*}}: i64, %{{[^:]*}}: i64)
  // CHECK-SAME: mixc.shared_bytes = 24704 : i32, mixc.threads = 64 : i32, nvvm.kernel, nvvm.maxntid = array<i32: 64>
  // CHECK-SAME: ["denormal-fp-math-f32", "preserve-sign,preserve-sign"]
  gpu_tile.kernel @main(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !x, %w: !w)
      attributes {grid = #tile.grid<blocks = 4>, threads = 64 : i32, shared_bytes = 24704 : i32, arch = "sm_80"} {
    // CHECK: %[[TID:.*]] = nvvm.read.ptx.sreg.tid.x : i32
    // CHECK: arith.andi %[[TID]], %{{.*}} : i32
    // CHECK: %[[SMEM:.*]] = llvm.mlir.addressof @dyn_smem : !llvm.ptr<3>
    // CHECK: %[[CTA:.*]] = nvvm.read.ptx.sreg.ctaid.x : i32
    // CHECK: %[[BLOCK:.*]] = arith.extui %[[CTA]] : i32 to i64
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    // CHECK: llvm.getelementptr %[[SMEM]][24576]
    %other = gpu_tile.alloc at 24576 : !gpu_tile.shared<32xf32>
    %ring = gpu_tile.alloc at 0 : !gpu_tile.shared<64x64xbf16, swizzle = 0, stages = 3>
    %zero = gpu_tile.constant 0.0 : !f
    // Two registers a thread, carried by a loop that is not unrolled.
    // CHECK: %[[LOOP:.*]]:3 = scf.for %[[I:.*]] = %{{.*}} to %[[T]] step %{{.*}} iter_args(%[[R0:.*]] = %{{.*}}, %[[R1:.*]] = %{{.*}}, %[[STAGE:.*]] = %{{.*}}) -> (f32, f32, i64)
    %sum, %last = scf.for %i = %c0 to %T step %c1 iter_args(%s = %zero, %stage = %c0) -> (!f, index) {
      // A stage is 8 KiB behind the one before.
      // CHECK: %[[NARROW:.*]] = arith.trunci %[[STAGE]] : i64 to i32
      // CHECK: %[[BYTES:.*]] = arith.muli %[[NARROW]], %c8192{{.*}} : i32
      // CHECK: llvm.getelementptr %[[SMEM]][%[[BYTES]]] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i8
      %slot = gpu_tile.slot %ring[%stage] : !gpu_tile.shared<64x64xbf16, swizzle = 0, stages = 3> -> !tile
      // CHECK: nvvm.cp.async.commit.group
      gpu_tile.commit
      // CHECK: nvvm.cp.async.wait.group 1
      gpu_tile.wait 1
      // CHECK: nvvm.barrier0
      gpu_tile.barrier
      // CHECK: nvvm.bar.warp.sync
      gpu_tile.barrier warp
      %more = arith.cmpi slt, %i, %B : index
      // CHECK: %[[IF:.*]]:2 = scf.if %{{.*}} -> (f32, f32)
      %t = scf.if %more -> (!f) {
        %u = gpu_tile.map (%s) maps [affine_map<(i) -> (i)>] : (!f) -> !f {
        ^bb0(%a: f32):
          // CHECK: arith.addf %[[R0]], %[[R0]] fastmath<contract> : f32
          // CHECK: arith.addf %[[R1]], %[[R1]] fastmath<contract> : f32
          %d = arith.addf %a, %a : f32
          gpu_tile.yield %d : f32
        }
        scf.yield %u : !f
      } else {
        // CHECK: } else {
        // CHECK-NEXT: scf.yield %[[R0]], %[[R1]] : f32, f32
        scf.yield %s : !f
      }
      %next = arith.addi %stage, %c1 : index
      // CHECK: scf.yield %[[IF]]#0, %[[IF]]#1, %{{.*}} : f32, f32, i64
      // CHECK: loop_annotation = #loop_annotation
      scf.yield %t, %next : !f, index
    }
    // Static strides are constants: 256 elements from one index of the first dimension to the next.
    // CHECK: arith.muli %[[BLOCK]], %c256_i64
    // CHECK: llvm.store %[[LOOP]]#0
    // CHECK: llvm.store %[[LOOP]]#1
    gpu_tile.store %sum to %w[%block, 0, 0] dims [2] limits [64] : !f -> !w
    // CHECK: llvm.return
    gpu_tile.return
  }
}
