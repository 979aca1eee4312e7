// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mixc/passes/OutputFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"
#include <unistd.h>

using namespace llvm;

static Error cannotWrite(StringRef path, std::error_code code) {
  return createStringError(code, "cannot write '%s': %s", path.str().c_str(), code.message().c_str());
}

/// Writes and closes; an error of the stream is returned, or raw_fd_ostream would abort on it.
static std::error_code writeAndClose(int fd, StringRef bytes, bool close) {
  raw_fd_ostream stream(fd, close);
  stream << bytes;
  if (close)
    stream.close();
  else
    stream.flush();
  std::error_code code = stream.error();
  stream.clear_error();
  return code;
}

/// A device or pipe that is there: nothing to put in its place.
static bool isSpecial(StringRef path) {
  sys::fs::file_status status;
  return !sys::fs::status(path, status) && !sys::fs::is_regular_file(status) && !sys::fs::is_directory(status);
}

Error mixc::replaceFile(StringRef path, function_ref<Error(StringRef)> write) {
  if (isSpecial(path))
    return write(path);
  if (sys::fs::is_directory(path))
    return cannotWrite(path, std::make_error_code(std::errc::is_a_directory));
  int descriptor;
  SmallString<128> temporary;
  if (std::error_code code = sys::fs::createUniqueFile(path + ".%%%%%%", descriptor, temporary))
    return cannotWrite(path, code);
  ::close(descriptor);
  Error error = write(temporary);
  if (!error)
    if (std::error_code code = sys::fs::rename(temporary, path))
      error = cannotWrite(path, code);
  if (error)
    sys::fs::remove(temporary);
  return error;
}

Error mixc::writeFile(StringRef path, StringRef bytes) {
  if (path == "-") {
    if (std::error_code code = writeAndClose(STDOUT_FILENO, bytes, /*close=*/false))
      return cannotWrite("standard output", code);
    return Error::success();
  }
  return replaceFile(path, [&](StringRef file) -> Error {
    int descriptor;
    std::error_code code = sys::fs::openFileForWrite(file, descriptor, sys::fs::CD_OpenExisting, sys::fs::OF_None);
    if (!code)
      code = writeAndClose(descriptor, bytes, /*close=*/true);
    return code ? cannotWrite(path, code) : Error::success();
  });
}
