// What cannot be written out is said at the operation.
// RUN: mixer-opt %s --gpu-tile-to-nvvm --split-input-file --verify-diagnostics

!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
!f = !gpu_tile.fragment<64xf32, #gpu_tile.linear>
gpu_tile.program @p of @spec plan "plan" buffers [] {
  gpu_tile.kernel @unplanned(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>, threads = 64 : i32, shared_bytes = 1024 : i32, arch = "sm_80"} {
    // expected-error @below {{expected a planned offset, got none; run --tile-to-gpu}}
    %0 = gpu_tile.alloc : !gpu_tile.shared<64xf32>
    gpu_tile.return
  }
}

// -----

!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
!f = !gpu_tile.fragment<64xf32, #gpu_tile.linear>
gpu_tile.program @p of @spec plan "plan" buffers [] {
  gpu_tile.kernel @math(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>, threads = 64 : i32, shared_bytes = 1024 : i32, arch = "sm_80"} {
    %a = gpu_tile.constant 0.5 : !f
    %0 = gpu_tile.map (%a) maps [affine_map<(i) -> (i)>] : (!f) -> !f {
    ^bb0(%p: f32):
      // expected-error @below {{expected a math function with a GPU form (exp, exp2, expm1, log, log2, log10, log1p, tanh, sqrt, rsqrt, sin, cos, abs, floor, ceil, fma, pow, erf)}}
      %q = math.atan %p : f32
      gpu_tile.yield %q : f32
    }
    gpu_tile.store %0 to %x[0, 0] dims [1] limits [64] : !f -> !m
    gpu_tile.return
  }
}

// -----

!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
!f = !gpu_tile.fragment<64xf32, #gpu_tile.linear>
gpu_tile.program @p of @spec plan "plan" buffers [] {
  gpu_tile.kernel @math_f64(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>, threads = 64 : i32, shared_bytes = 1024 : i32, arch = "sm_80"} {
    %a = gpu_tile.constant 0.5 : !f
    %0 = gpu_tile.map (%a) maps [affine_map<(i) -> (i)>] : (!f) -> !f {
    ^bb0(%p: f32):
      %w = arith.extf %p : f32 to f64
      // expected-error @below {{expected f32 math in a GPU kernel, got 'f64'}}
      %q = math.exp %w : f64
      %n = arith.truncf %q : f64 to f32
      gpu_tile.yield %n : f32
    }
    gpu_tile.store %0 to %x[0, 0] dims [1] limits [64] : !f -> !m
    gpu_tile.return
  }
}

// -----

!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
!f = !gpu_tile.fragment<64xf32, #gpu_tile.linear>
gpu_tile.program @p of @spec plan "plan" buffers [] {
  gpu_tile.kernel @math_in_blocks(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>, threads = 64 : i32, shared_bytes = 1024 : i32, arch = "sm_80"} {
    %a = gpu_tile.constant 0.5 : !gpu_tile.fragment<16x16xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [1, 1]>>
    %0 = gpu_tile.map (%a) maps [affine_map<(i, j) -> (i, j)>] : (!gpu_tile.fragment<16x16xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [1, 1]>>) -> !gpu_tile.fragment<16x16xf32, #gpu_tile.mma<rows = [0], cols = [1], warps = [1, 1]>> {
    ^bb0(%p: f32):
      // Said once, not for every element of the thread.
      // expected-error @below {{expected a math function with a GPU form}}
      %q = math.atan %p : f32
      gpu_tile.yield %q : f32
    }
    gpu_tile.return
  }
}

// -----

!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
!f = !gpu_tile.fragment<64xf32, #gpu_tile.linear>
gpu_tile.program @p of @spec plan "plan" buffers [] {
  gpu_tile.kernel @in_body(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>, threads = 64 : i32, shared_bytes = 1024 : i32, arch = "sm_80"} {
    %a = gpu_tile.constant 0.5 : !f
    %c0 = arith.constant 0 : index
    %0 = gpu_tile.map (%a) maps [affine_map<(i) -> (i)>] : (!f) -> !f {
    ^bb0(%p: f32):
      // expected-error @below {{expected an operation that has a GPU form}}
      %q = memref.load %x[%c0, %c0] : !m
      gpu_tile.yield %q : f32
    }
    gpu_tile.store %0 to %x[0, 0] dims [1] limits [64] : !f -> !m
    gpu_tile.return
  }
}

// -----

!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
!f = !gpu_tile.fragment<64xf32, #gpu_tile.linear>
gpu_tile.program @p of @spec plan "plan" buffers [] {
  gpu_tile.kernel @in_kernel(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>, threads = 64 : i32, shared_bytes = 1024 : i32, arch = "sm_80"} {
    // expected-error @below {{expected an operation that has a GPU form}}
    %0 = memref.dim %x, %T : !m
    gpu_tile.return
  }
}

// -----

!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
!f = !gpu_tile.fragment<64xf32, #gpu_tile.linear>
gpu_tile.program @p of @spec plan "plan" buffers [] {
  gpu_tile.kernel @vector(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>, threads = 64 : i32, shared_bytes = 1024 : i32, arch = "sm_80"} {
    %0 = arith.constant 1 : index
    // expected-error @below {{expected numbers in a GPU kernel, got 'vector<4xf32>'}}
    %1 = arith.constant dense<0.0> : vector<4xf32>
    gpu_tile.return
  }
}

// -----

!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
!f = !gpu_tile.fragment<64xf32, #gpu_tile.linear>
gpu_tile.program @p of @spec plan "plan" buffers [] {
  gpu_tile.kernel @select_of_fragments(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>, threads = 64 : i32, shared_bytes = 1024 : i32, arch = "sm_80"} {
    %a = gpu_tile.constant 0.5 : !f
    %b = gpu_tile.constant 1.0 : !f
    %c = arith.cmpi slt, %B, %T : index
    // expected-error @below {{expected numbers in a GPU kernel, got '!gpu_tile.fragment<64xf32, #gpu_tile.linear>'}}
    %0 = arith.select %c, %a, %b : !f
    gpu_tile.store %0 to %x[0, 0] dims [1] limits [64] : !f -> !m
    gpu_tile.return
  }
}

// -----

!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
!f = !gpu_tile.fragment<64xf32, #gpu_tile.linear>
gpu_tile.program @p of @spec plan "plan" buffers [] {
  gpu_tile.kernel @select_of_memrefs(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>, threads = 64 : i32, shared_bytes = 1024 : i32, arch = "sm_80"} {
    %c = arith.cmpi slt, %B, %T : index
    // expected-error @below {{expected numbers in a GPU kernel, got 'memref<?x?xf32, strided<[?, ?], offset: ?>>'}}
    %0 = arith.select %c, %x, %x : !m
    %a = gpu_tile.load %0[0, 0] dims [1] limits [64] : !m -> !f
    gpu_tile.return
  }
}

// -----

!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
!f = !gpu_tile.fragment<64xf32, #gpu_tile.linear>
gpu_tile.program @p of @spec plan "plan" buffers [] {
  gpu_tile.kernel @carried_buffer(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>, threads = 64 : i32, shared_bytes = 1024 : i32, arch = "sm_80"} {
    %u = gpu_tile.alloc at 0 : !gpu_tile.shared<64xf32>
    %c1 = arith.constant 1 : index
    // expected-error @below {{expected to carry numbers and fragments, got '!gpu_tile.shared<64xf32>'}}
    %0 = scf.for %i = %c1 to %T step %c1 iter_args(%s = %u) -> (!gpu_tile.shared<64xf32>) {
      scf.yield %s : !gpu_tile.shared<64xf32>
    }
    gpu_tile.return
  }
}

// -----

!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
!f = !gpu_tile.fragment<64xf32, #gpu_tile.linear>
gpu_tile.program @p of @spec plan "plan" buffers [] {
  gpu_tile.kernel @branch_of_memrefs(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>, threads = 64 : i32, shared_bytes = 1024 : i32, arch = "sm_80"} {
    %c = arith.cmpi slt, %B, %T : index
    // expected-error @below {{expected to carry numbers and fragments, got 'memref<?x?xf32, strided<[?, ?], offset: ?>>'}}
    %0 = scf.if %c -> (!m) {
      scf.yield %x : !m
    } else {
      scf.yield %x : !m
    }
    %a = gpu_tile.load %0[0, 0] dims [1] limits [64] : !m -> !f
    gpu_tile.return
  }
}

// -----

!m = memref<?x?xf32, strided<[?, ?], offset: ?>>
!f = !gpu_tile.fragment<64xf32, #gpu_tile.linear>
gpu_tile.program @p of @spec plan "plan" buffers [] {
  gpu_tile.kernel @counter(%block: index, %B: index, %T: index, %splits: index, %span: index, %x: !m) attributes {grid = #tile.grid<blocks = 1>, threads = 64 : i32, shared_bytes = 1024 : i32, arch = "sm_80"} {
    %c1 = arith.constant 1 : i32
    // expected-error @below {{expected a counter of type index, got 'i32'}}
    scf.for %i = %c1 to %c1 step %c1 : i32 {
    }
    gpu_tile.return
  }
}
