// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A CUDA driver without a GPU: two devices, a context stack per thread, counted resources, recorded launches, and any
// function can be told to fail. A call that the real driver would refuse fails the test.

#ifndef MIXC_TEST_UNIT_RUNTIME_FAKEDRIVER_H
#define MIXC_TEST_UNIT_RUNTIME_FAKEDRIVER_H

extern "C" {
#include "cuda_driver.h"
}

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace fake {

struct Launch {
  std::string kernel;
  unsigned grid, threads, shared;
  CUstream stream;
  std::vector<int64_t> params;     // as many as `Driver::numParams`
  bool overlaps;                   // may start before the launch before it is complete
  std::vector<cu_tensor_map> maps; // as many as `Driver::numMaps`, the parameters behind those
  int64_t allBlocks;               // the parameter behind those, if `Driver::persistent`
};

// What cuTensorMapEncodeTiled was told.
struct TensorMap {
  int32_t type;
  void *address;
  std::vector<uint64_t> sizes, strides; // strides: one fewer
  std::vector<uint32_t> box, steps;
  int32_t interleave, swizzle, promotion, fill;
};

// What the driver holds. One at a time is installed.
class Driver {
public:
  Driver();  // takes the real driver's place
  ~Driver(); // gives it back
  Driver(const Driver &) = delete;

  // Makes a context current on this thread, as cudaSetDevice would; device -1: none.
  void setCurrent(int device);
  // Destroys a device's primary context and makes a new one at the same address.
  void renewContext(int device);
  int contextDepth() const; // of this thread
  // A driver before 12.0, which has no tensor maps.
  void forgetTensorMaps();

  // Settings.
  int major = 9, minor = 0, units = 132, maxShared = 232448, blocksPerUnit = 2;
  std::string failing; // exported name of the function that fails
  cu_result failure = 999;
  int skip = 0;       // that many of its calls succeed first
  std::string jitLog; // what a failing module load writes
  std::string missingKernel;
  size_t numParams = 0, numMaps = 0;
  bool persistent = false;            // the launches are
  bool capturing = false;             // streams are
  std::function<void()> afterKernels; // before memory is copied to the host

  // Observations.
  std::map<std::string, int> calls;
  std::vector<Launch> launches;
  std::vector<TensorMap> maps;             // the n-th encoded map holds n in its first word, from 1
  std::map<std::string, int> sharedLimits; // by kernel
  std::vector<const void *> images;        // each loaded one
  int modules = 0;                         // loaded and not unloaded
  int retained = 0;                        // primary contexts
  int captureMode = 0;                     // of the last thread that changed it
  std::vector<std::string> misuse;         // what a real driver would refuse

  mutable std::mutex lock;
};

} // namespace fake

#endif // MIXC_TEST_UNIT_RUNTIME_FAKEDRIVER_H
