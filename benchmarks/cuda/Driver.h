// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// As much of the CUDA driver as the programs here need, loaded at run time. Errors end the program with a message.
#pragma once

#include "mixc/runtime/mixc.h"
#include <cstddef>
#include <functional>
#include <string>

namespace mixc::bench {

/// Loads the driver and makes the context of device 0 current. Ends the program with status 77 where there is no GPU.
void openDevice();
std::string deviceName();

void *deviceAllocate(size_t bytes);
void deviceFree(void *memory);
void copyToDevice(void *device, const void *host, size_t bytes);
void copyToHost(void *host, const void *device, size_t bytes);
void fillDevice(void *device, unsigned char value, size_t bytes, CUstream stream);
/// The stream that everything runs on.
CUstream stream();
void synchronize();

/// Median seconds of `run`, which enqueues work on the stream: with the L2 cache flushed before every run, and from a
/// CUDA graph of several runs without flushing.
double timePlain(const std::function<void()> &run);
double timeGraph(const std::function<void()> &run);

/// Bytes per second of a device-to-device copy, read plus written.
double copyBandwidth();

} // namespace mixc::bench
