// The approximations against double precision, compiled and run.
// RUN: mixer-opt %s --approximate-math --cpu-to-llvm | mlir-translate --mlir-to-llvmir | llc -O2 -mcpu=x86-64-v3 -relocation-model=pic -filetype=obj -o %t.o
// RUN: %cc -O1 %S/Inputs/math-accuracy.c %t.o -lm -o %t && %t

func.func @approximate(%x: !llvm.ptr, %results: !llvm.ptr) {
  %v = llvm.load %x : !llvm.ptr -> vector<8xf32>
  %exp2 = math.exp2 %v : vector<8xf32>
  %exp = math.exp %v : vector<8xf32>
  %log1p = math.log1p %v : vector<8xf32>
  %log = math.log %v : vector<8xf32>
  %log2 = math.log2 %v : vector<8xf32>
  %tanh = math.tanh %v : vector<8xf32>
  %sin = math.sin %v : vector<8xf32>
  %cos = math.cos %v : vector<8xf32>
  %erf = math.erf %v : vector<8xf32>
  %p1 = llvm.getelementptr %results[1] : (!llvm.ptr) -> !llvm.ptr, vector<8xf32>
  %p2 = llvm.getelementptr %results[2] : (!llvm.ptr) -> !llvm.ptr, vector<8xf32>
  %p3 = llvm.getelementptr %results[3] : (!llvm.ptr) -> !llvm.ptr, vector<8xf32>
  %p4 = llvm.getelementptr %results[4] : (!llvm.ptr) -> !llvm.ptr, vector<8xf32>
  %p5 = llvm.getelementptr %results[5] : (!llvm.ptr) -> !llvm.ptr, vector<8xf32>
  %p6 = llvm.getelementptr %results[6] : (!llvm.ptr) -> !llvm.ptr, vector<8xf32>
  %p7 = llvm.getelementptr %results[7] : (!llvm.ptr) -> !llvm.ptr, vector<8xf32>
  %p8 = llvm.getelementptr %results[8] : (!llvm.ptr) -> !llvm.ptr, vector<8xf32>
  llvm.store %exp2, %results : vector<8xf32>, !llvm.ptr
  llvm.store %exp, %p1 : vector<8xf32>, !llvm.ptr
  llvm.store %log1p, %p2 : vector<8xf32>, !llvm.ptr
  llvm.store %log, %p3 : vector<8xf32>, !llvm.ptr
  llvm.store %log2, %p4 : vector<8xf32>, !llvm.ptr
  llvm.store %tanh, %p5 : vector<8xf32>, !llvm.ptr
  llvm.store %sin, %p6 : vector<8xf32>, !llvm.ptr
  llvm.store %cos, %p7 : vector<8xf32>, !llvm.ptr
  llvm.store %erf, %p8 : vector<8xf32>, !llvm.ptr
  return
}
