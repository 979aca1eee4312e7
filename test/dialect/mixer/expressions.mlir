// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: mixer-opt %s | FileCheck %s
// RUN: mixer-opt %s | mixer-opt | FileCheck %s
// RUN: mixer-opt %s -mlir-print-op-generic | FileCheck %s --check-prefix=IR

mixer.spec @expressions(%a: [B,T], %b: [B,T], %c: [B,T]) -> () {
  // Operators group to the left; parentheses only where they are needed.
  // CHECK: { (x, y, z) -> x - y - z }
  %0 = mixer.map(%a, %b, %c) { (x, y, z) -> (x - y) - z }
  // CHECK: { (x, y, z) -> x - (y - z) }
  %1 = mixer.map(%a, %b, %c) { (x, y, z) -> x - (y - z) }
  // CHECK: { (x, y, z) -> x / (y * z) + x * y / z }
  %2 = mixer.map(%a, %b, %c) { (x, y, z) -> x / (y * z) + ((x * y) / z) }
  // CHECK: { (x, y, z) -> (x + y) * -z }
  %3 = mixer.map(%a, %b, %c) { (x, y, z) -> (x + y) * (-z) }
  // CHECK: { (x) -> -(x + 1) - -2 }
  %4 = mixer.map(%a) { (x) -> -(x + 1) - -2 }
  // Numbers keep their shortest form.
  // CHECK: { (x) -> x * 0.1 + 1e-10 - 2.5e+20 * 3 }
  %5 = mixer.map(%a) { (x) -> x * 0.1 + 1e-10 - 2.5E20 * 3.0 }
  // CHECK: { (x) -> max(x, -inf) + min(x, inf) }
  %6 = mixer.map(%a) { (x) -> max(x, -inf) + min(x, inf) }
  // CHECK: { (x) -> exp(x) + exp2(x) + log(x) + log1p(x) + log2(x) }
  %7 = mixer.map(%a) { (x) -> exp(x) + exp2(x) + log(x) + log1p(x) + log2(x) }
  // CHECK: { (x) -> sqrt(x) + rsqrt(x) + tanh(x) + abs(x) }
  %8 = mixer.map(%a) { (x) -> sqrt(x) + rsqrt(x) + tanh(x) + abs(x) }
  // Functions of several ops are found again.
  // CHECK: { (x, y) -> sigmoid(x + 1) + silu(y) + softplus(x * y) + relu(x) + elu(y) }
  %9 = mixer.map(%a, %b) { (x, y) -> sigmoid(x + 1) + silu(y) + softplus(x * y) + relu(x) + elu(y) }
  // CHECK: { (x, y) -> where(x < y, x, y) + where(x <= y, 1, 0) + where(x > y, 1, 0) + where(x >= y, 1, 0) + where(x == y, 1, 0) }
  %10 = mixer.map(%a, %b) { (x, y) -> where(x < y, x, y) + where(x <= y, 1, 0) + where(x > y, 1, 0) + where(x >= y, 1, 0) + where(x == y, 1, 0) }
  // CHECK: { (x) -> x * rsqrt(N) + P / H - G * Q * K * V }
  %11 = mixer.map(%a) { (x) -> x * rsqrt(N) + P / H - G * Q * K * V }
  // A value in use twice gets a name.
  // CHECK: { (x, y) -> let u = x + y in let u1 = exp(u) in u1 * u1 + u }
  %12 = mixer.map(%a, %b) { (x, y) -> let s = x + y in let e = exp(s) in e * e + s }
  // The inner let hides the outer one; a name that is taken is not taken again.
  // CHECK: { (u) -> let u1 = u * 3 in u1 * u1 }
  %13 = mixer.map(%a) { (u) -> let v = u in let v = v * 3 in v * v }
  // A parameter may hide a size.
  // CHECK: { (n) -> n + N }
  %14 = mixer.map(%a) { (n) -> n + N }
  // CHECK: { (x, y) -> sin(x) + cos(y) + pow(x, y) + gelu(x + 1) }
  %16 = mixer.map(%a, %b) { (x, y) -> sin(x) + cos(y) + pow(x, y) + gelu(x + 1) }
  // CHECK: { (x, y) -> sign(x) * clamp(y, -1, x) - clamp(y, 0, Q) }
  %17 = mixer.map(%a, %b) { (x, y) -> sign(x) * clamp(y, -1, x) - min(max(y, 0), Q) }
  // What is not quite one of them stays as it is.
  // CHECK: { (x) -> where(x > 0, 1, where(x < 0, 1, x)) + x * 0.5 * (1 + tanh(x)) }
  %18 = mixer.map(%a) { (x) -> where(x > 0, 1, where(x < 0, 1, x)) + x * 0.5 * (1 + tanh(x)) }
  // CHECK: mixer.map() { () -> 3 }
  %15 = mixer.map() { () -> 3 }
  mixer.return
}

// What an expression stands for.
mixer.spec @softplus(%a: [B,T]) -> () {
  // IR: "mixer.spec"{{.*}}sym_name = "softplus"
  // IR: ^bb0(%[[X:[a-z0-9]+]]: f32):
  // IR-DAG: %[[ZERO:.*]] = "arith.constant"() <{value = 0.000000e+00 : f32}>
  // IR-DAG: %[[POSITIVE:.*]] = "arith.maximumf"(%[[X]], %[[ZERO]])
  // IR-DAG: %[[ABS:.*]] = "math.absf"(%[[X]])
  // IR: %[[MINUS:.*]] = "arith.negf"(%[[ABS]])
  // IR: %[[EXP:.*]] = "math.exp"(%[[MINUS]])
  // IR: %[[LOG:.*]] = "math.log1p"(%[[EXP]])
  // IR: %[[SUM:.*]] = "arith.addf"(%[[POSITIVE]], %[[LOG]])
  // IR: "mixer.yield"(%[[SUM]])
  %0 = mixer.map(%a) { (x) -> softplus(x) }
  mixer.return
}

// A body that no expression states is printed as it is.
// CHECK-LABEL: mixer.spec @ordinary_ir
mixer.spec @ordinary_ir(%a: [B,T], %b: [B,T]) -> () {
  // CHECK: mixer.map(%a, %b) body {
  // CHECK-NEXT: ^bb0(%[[X:.*]]: f32, %[[Y:.*]]: f32):
  // CHECK-NEXT: %[[S:.*]] = math.cbrt %[[X]] : f32
  // CHECK-NEXT: %[[P:.*]] = arith.mulf %[[S]], %[[Y]] fastmath<contract> : f32
  // CHECK-NEXT: mixer.yield %[[P]] : f32
  %0 = mixer.map(%a, %b) body {
  ^bb0(%x: f32, %y: f32):
    %s = math.cbrt %x : f32
    %p = arith.mulf %s, %y fastmath<contract> : f32
    mixer.yield %p : f32
  }
  mixer.return
}

// Names survive as locations; without them parameters are named after the operands.
// CHECK-LABEL: mixer.spec @names
mixer.spec @names(%a: [B,T], %N: [B,T]) -> () {
  // CHECK: mixer.map(%a, %N) { (a, b) -> a + b }
  %0 = mixer.map(%a, %N) body {
  ^bb0(%x: f32, %y: f32):
    %s = arith.addf %x, %y : f32
    mixer.yield %s : f32
  }
  mixer.return
}
