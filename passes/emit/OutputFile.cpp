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

Error mixc::writeFile(StringRef path, StringRef bytes) {
  if (path == "-") {
    if (std::error_code code = writeAndClose(STDOUT_FILENO, bytes, /*close=*/false))
      return cannotWrite("standard output", code);
    return Error::success();
  }
  sys::fs::file_status status;
  bool exists = !sys::fs::status(path, status);
  int fd = -1;
  if (exists && !sys::fs::is_regular_file(status)) {
    if (sys::fs::is_directory(status))
      return cannotWrite(path, std::make_error_code(std::errc::is_a_directory));
    if (std::error_code code =
            sys::fs::openFileForWrite(path, fd, sys::fs::CD_OpenExisting, sys::fs::OF_None))
      return cannotWrite(path, code);
    if (std::error_code code = writeAndClose(fd, bytes, /*close=*/true))
      return cannotWrite(path, code);
    return Error::success();
  }
  SmallString<128> temporary;
  if (std::error_code code = sys::fs::createUniqueFile(path + ".%%%%%%", fd, temporary))
    return cannotWrite(path, code);
  std::error_code code = writeAndClose(fd, bytes, /*close=*/true);
  if (!code)
    code = sys::fs::rename(temporary, path);
  if (!code)
    return Error::success();
  sys::fs::remove(temporary);
  return cannotWrite(path, code);
}
