// In what operands of f32 are multiplied is in the plan: tf32 on a GPU, unless f32 is asked for; a scan and a CPU have f32 alone.
// RUN: mixer-opt %s --mixer-select="target=h100 algorithm=all" | FileCheck %s --check-prefix=TF32
// RUN: mixer-opt %s --mixer-select="target=h100 algorithm=all precision=tf32" | FileCheck %s --check-prefix=TF32
// RUN: mixer-opt %s --mixer-select="target=h100 algorithm=all precision=f32" | FileCheck %s --check-prefix=F32 --implicit-check-not=precision
// RUN: mixer-opt %s --mixer-select="target=x86-64 algorithm=all precision=f32" | FileCheck %s --check-prefix=F32 --implicit-check-not=precision
// RUN: mixer-opt %s --mixer-select="target=x86-64 algorithm=all" | FileCheck %s --check-prefix=F32 --implicit-check-not=precision

// TF32: plans = [#mixer.algorithm<chunked, {{[^#]*}}precision = tf32, {{[^#]*}}>, #mixer.algorithm<scan, chunk = 16,{{[^#t]*}}>, #mixer.algorithm<quadratic, {{[^#]*}}precision = tf32{{[^#]*}}>]
// F32: plans = [#mixer.algorithm<chunked, {{[^#]*}}>, #mixer.algorithm<scan, {{[^#]*}}>, #mixer.algorithm<quadratic, {{[^#]*}}>]

// The products of its tile program say so, and those of the GPU's program: nothing after it chooses again.
// RUN: mixer-opt %s --mixer-select="target=h100 algorithm=chunked" --mixer-decompose-chunked --canonicalize --cse | FileCheck %s --check-prefix=ROUNDED
// RUN: mixer-opt %s --mixer-select="target=h100 algorithm=quadratic" --mixer-decompose-quadratic --tile-to-gpu="arch=sm_80" | FileCheck %s --check-prefix=ON-GPU
// RUN: mixer-opt %s --mixer-select="target=h100 algorithm=chunked precision=f32" --mixer-decompose-chunked --canonicalize --cse | FileCheck %s --check-prefix=EXACT
// RUN: mixer-opt %s --mixer-select="target=h100 algorithm=quadratic precision=f32" --mixer-decompose-quadratic --tile-to-gpu="arch=sm_80" | FileCheck %s --check-prefix=EXACT-ON-GPU
// ROUNDED-COUNT-4: linalg.contract {{.*}} {tile.tf32} ins
// EXACT-NOT: tile.tf32
// EXACT-COUNT-4: linalg.contract
// EXACT-NOT: tile.tf32
// ON-GPU: gpu_tile.contract {{.*}}] tf32 :
// EXACT-ON-GPU-NOT: ] tf32 :
// EXACT-ON-GPU: gpu_tile.contract
// EXACT-ON-GPU-NOT: ] tf32 :
mixer.spec @m(%x: [B,T,H,P] io, %b: [B,T,H,N] io, %c: [B,T,H,N] io) -> (%y: [B,T,H,P] io)
    attributes {sizes = {H = 24 : i64, N = 64 : i64, P = 64 : i64}, io = f32} {
  %o, %S = mixer.semiseparable x = %x, b = %b, c = %c
  mixer.return %o
}
