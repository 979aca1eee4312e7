# Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# pkg-config.sh DIR CC: builds the C example with what pkg-config says of the tree installed at DIR/moved, and runs it.
set -e
cd "$1"
export PKG_CONFIG_PATH=$1/moved/lib/pkgconfig
get() { pkg-config --dont-define-prefix "$@" mixc; }
echo "version $(get --modversion)"
"$(get --variable=mixc)" compile "$(get --variable=mixersdir)/mamba2.mlir" -o mamba2 --target=x86-64 --shape=H=4,P=64,N=64,G=2 >/dev/null
main=moved/share/doc/mixc/examples/link-c/main.c
$2 -I. $main mamba2.o $(get --cflags --libs) -lm -Wl,-rpath,"$(get --variable=libdir)" -o shared
echo "shared $(./shared)"
# The archive in place of -lmixc_runtime, with what it needs itself.
archive="$(get --variable=libdir)/libmixc_runtime.a"
$2 -I. $main mamba2.o $(get --cflags) "$archive" $(get --static --libs-only-l --libs-only-other | sed s/-lmixc_runtime//) -o static
echo "static $(./static)"
