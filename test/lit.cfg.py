# Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""lit configuration: features cuda, ptxas, pkg-config, avx512, nvim, emacs, ...; substitutions %mixc, %mixers, %golden, %source, %build, %cc, %cxx, %compilers, %cmake,
%sanitize."""
import ctypes
import os
import shutil

import lit.formats

config.name = "mixc"
config.test_format = lit.formats.ShTest(execute_external=True)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs", "data", "unit"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.mixc_build_dir, "test")


def has_cuda_device():
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return False
    count = ctypes.c_int(0)
    return driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(count)) == 0 and count.value > 0


def cpu_flags():
    with open("/proc/cpuinfo") as lines:
        for line in lines:
            if line.startswith("flags"):
                return set(line.split())
    return set()


def compilers():
    """C and C++ compilers, a pair a word: the build's own, gcc and clang where they are."""
    pairs = [(config.cc, config.cxx), ("gcc", "g++"), ("clang", "clang++")]
    return [f"{c},{cxx}" for c, cxx in pairs if shutil.which(c) and shutil.which(cxx)]


tools = os.path.join(config.mixc_build_dir, "bin")
cuda_dirs = [os.path.join(config.mixc_build_dir, "cuda", "bin"),
             os.path.join(os.environ.get("CUDA_HOME", "/usr/local/cuda"), "bin")]
path = [tools, config.llvm_tools_dir, *cuda_dirs, os.environ["PATH"]]
config.environment["PATH"] = os.pathsep.join(path)
for name in ("CUDA_HOME", "HOME", "CCACHE_DIR"):
    if name in os.environ:
        config.environment[name] = os.environ[name]
if config.sanitize:
    # MLIR's shared library is not instrumented: its arenas would look poisoned, and its registries leaked.
    config.environment["ASAN_OPTIONS"] = "allow_user_poisoning=0:detect_leaks=0"
    config.available_features.add("sanitizer")

if has_cuda_device():
    config.available_features.add("cuda")
if shutil.which("ptxas", path=config.environment["PATH"]):
    config.available_features.add("ptxas")
if shutil.which("clang-format-22"):
    config.available_features.add("clang-format")
if shutil.which("pkg-config"):
    config.available_features.add("pkg-config")
if shutil.which("cuobjdump", path=config.environment["PATH"]):
    config.available_features.add("cuobjdump")
for editor in ("nvim", "emacs"):
    if shutil.which(editor):
        config.available_features.add(editor)
if {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"} <= cpu_flags():
    config.available_features.add("avx512")

config.substitutions += [
    ("%mixers", os.path.join(config.mixc_source_dir, "mixers")),
    ("%golden", os.path.join(config.test_source_root, "data", "golden")),
    ("%source", config.mixc_source_dir),
    ("%build", config.mixc_build_dir),
    ("%cmake", config.cmake),
    ("%sanitize", f"-fsanitize={config.sanitize}" if config.sanitize else ""),
    ("%cxx", config.cxx),
    ("%compilers", " ".join(compilers())),
    ("%cc", config.cc),
    ("%mixc", os.path.join(tools, "mixc")),
]
