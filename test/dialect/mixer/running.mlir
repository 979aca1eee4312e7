// RUN: mixer-opt %s | FileCheck %s
// RUN: mixer-opt %s | mixer-opt | FileCheck %s
// RUN: mixer-opt %s -mlir-print-op-generic | mixer-opt | FileCheck %s

// CHECK-LABEL: mixer.spec @running
mixer.spec @running(%i: [B,T,H], %f: [B,T,H], %w: [B,N,T,G] io, %m0: [H,B], %z0: [B,G,N])
    -> (%m: [B,T,H], %mT: [H,B], %zT: [B,G,N], %e: [B,T,H]) {
  // CHECK-NEXT: %m, %before, %mT = mixer.running max of %i, decay = %f, init = %m0
  %m, %m1, %mT = mixer.running max of %i, init = %m0, decay = %f
  // CHECK-NEXT: %running, %before_0, %zT = mixer.running sum of %w, init = %z0
  %z, %z1, %zT = mixer.running sum of %w, init = %z0
  // CHECK-NEXT: %running_1, %e, %last = mixer.running max of %i{{$}}
  %d, %e, %dT = mixer.running max of %i
  mixer.return %m, %mT, %zT, %e
}

// Outside of a spec operands have types; the last value has init's order.
// CHECK-LABEL: func.func @outside
func.func @outside(%x: !mixer.tensor<[B,T,H,N]>, %z: !mixer.tensor<[N,B,H]>) {
  // CHECK: mixer.running sum of %{{.*}}: [B,T,H,N], init = %{{.*}}: [N,B,H]
  %a, %b, %c = mixer.running sum of %x: [B,T,H,N], init = %z: [N,B,H]
  return
}
