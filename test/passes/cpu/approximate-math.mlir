// RUN: mixer-opt %s --approximate-math | FileCheck %s

// CHECK-LABEL: func.func @exp2
// CHECK-NOT: math.exp2
// CHECK-COUNT-6: math.fma {{.*}} : vector<16xf32>
// CHECK-NOT: math.exp2
func.func @exp2(%x: vector<16xf32>) -> vector<16xf32> {
  %y = math.exp2 %x : vector<16xf32>
  return %y : vector<16xf32>
}

// CHECK-LABEL: func.func @exp
// CHECK-NOT: math.exp
// CHECK-COUNT-8: math.fma {{.*}} : f32
func.func @exp(%x: f32) -> f32 {
  %y = math.exp %x : f32
  return %y : f32
}

// CHECK-LABEL: func.func @others
// CHECK-NOT: math.log
// CHECK-NOT: math.tanh
// CHECK: return
func.func @others(%x: vector<8xf32>) -> (vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>) {
  %a = math.log %x : vector<8xf32>
  %b = math.log2 %x : vector<8xf32>
  %c = math.log1p %x : vector<8xf32>
  %d = math.tanh %x : vector<8xf32>
  return %a, %b, %c, %d : vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>
}

// Only f32 has an approximation.
// CHECK-LABEL: func.func @wide
// CHECK: math.exp2 {{.*}} : f64
func.func @wide(%x: f64) -> f64 {
  %y = math.exp2 %x : f64
  return %y : f64
}
