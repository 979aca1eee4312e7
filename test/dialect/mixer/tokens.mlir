// RUN: mixer-opt %s | FileCheck %s
// RUN: mixer-opt %s | mixer-opt | FileCheck %s
// RUN: mixer-opt %s -mlir-print-op-generic | mixer-opt | FileCheck %s
// RUN: mixer-opt %s --canonicalize | FileCheck %s --check-prefix=TAPS

// CHECK-LABEL: mixer.spec @tokens
mixer.spec @tokens(%x: [B,T,H,P] io, %w: [H,W,P], %x0: [B,H,L,P] io optional)
    -> (%y: [B,T,H,P], %p: [B,T,H,P], %first: [H,P], %xT: [B,L,H,P] io, %z: [B,T,H,P]) {
  // CHECK-NEXT: %y = mixer.conv %x by %w after %x0
  %y = mixer.conv %x by %w after %x0
  // CHECK-NEXT: %p = mixer.previous %x by 15 after %x0
  %p = mixer.previous %x by 15 after %x0
  // CHECK-NEXT: %first = mixer.tap %w at 0
  %first = mixer.tap %w at 0
  // CHECK-NEXT: %xT = mixer.last %x after %x0
  %xT = mixer.last %x after %x0
  // CHECK-NEXT: %z = mixer.previous %x by 1{{$}}
  %z = mixer.previous %x by 1
  mixer.return %y, %p, %first, %xT, %z
}

// A convolution is written out once W is known, one map with what is around it.
// TAPS-LABEL: mixer.spec @written_out
// TAPS-DAG: %[[W0:.*]] = mixer.tap %w at 0
// TAPS-DAG: %[[W1:.*]] = mixer.tap %w at 1
// TAPS-DAG: %[[W2:.*]] = mixer.tap %w at 2
// TAPS-DAG: %[[X1:.*]] = mixer.previous %x by 1 after %x0
// TAPS-DAG: %[[X2:.*]] = mixer.previous %x by 2 after %x0
// TAPS: %y = mixer.map(%bias, %x, %[[X1]], %[[X2]], %[[W2]], %[[W1]], %[[W0]]) { (b, x, a, c, d, e, f) -> silu(f * c + e * a + d * x + b) }
// TAPS-NEXT: mixer.return %y
mixer.spec @written_out(%x: [B,T,G,N] io, %w: [W,N], %bias: [G,N], %x0: [B,L,G,N]) -> (%y: [B,T,G,N])
    attributes {sizes = {G = 1 : i64, H = 2 : i64, L = 2 : i64, N = 4 : i64, W = 3 : i64}} {
  %c = mixer.conv %x by %w after %x0
  %y = mixer.map(%c, %bias) { (c, b) -> silu(c + b) }
  mixer.return %y
}

// TAPS-LABEL: mixer.spec @one_tap
// TAPS-NEXT: %[[W0:.*]] = mixer.tap %w at 0
// TAPS-NEXT: %y = mixer.map(%x, %[[W0]]) { (x, a) -> a * x }
mixer.spec @one_tap(%x: [B,T,H], %w: [W]) -> (%y: [B,T,H]) attributes {sizes = {H = 2 : i64, W = 1 : i64}} {
  %y = mixer.conv %x by %w
  mixer.return %y
}
