// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mixc/passes/OutputFile.h"
#include "mixc/passes/Temporaries.h"
#include "llvm/Support/raw_ostream.h"
#include <unistd.h>

using namespace llvm;
using namespace mixc;

static Error cannotWrite(StringRef path, std::error_code code) {
  return createStringError(code, "cannot write '%s': %s", path.str().c_str(), code.message().c_str());
}

/// Writes all; an error of the stream is returned, or raw_fd_ostream would abort on it.
static std::error_code writeAll(int fd, StringRef bytes) {
  raw_fd_ostream stream(fd, /*shouldClose=*/false);
  stream << bytes;
  stream.flush();
  std::error_code code = stream.error();
  stream.clear_error();
  return code;
}

/// Standard output, or a device or pipe that is there: nothing to put in its place.
static bool isDirect(StringRef path) {
  sys::fs::file_status status;
  return path == "-" || (!sys::fs::status(path, status) && !sys::fs::is_regular_file(status) && !sys::fs::is_directory(status));
}

Expected<OutputFiles> OutputFiles::open(ArrayRef<std::string> paths) {
  OutputFiles output;
  const MakingTemporaries making;
  for (const std::string &path : paths) {
    File &file = output.files.emplace_back();
    file.path = path;
    if (isDirect(path))
      continue;
    if (sys::fs::is_directory(path))
      return cannotWrite(path, std::make_error_code(std::errc::is_a_directory));
    Expected<sys::fs::TempFile> temporary = sys::fs::TempFile::create(path + ".%%%%%%");
    if (!temporary)
      return cannotWrite(path, errorToErrorCode(temporary.takeError()));
    file.temporary = std::move(*temporary);
    noteTemporary(file.temporary->TmpName);
  }
  return output;
}

OutputFiles::~OutputFiles() {
  for (File &file : files)
    if (file.temporary) {
      const std::string name = file.temporary->TmpName;
      consumeError(file.temporary->discard());
      forgetTemporary(name);
    }
}

StringRef OutputFiles::writtenPath(size_t i) const {
  return files[i].temporary ? StringRef(files[i].temporary->TmpName) : StringRef(files[i].path);
}

Error OutputFiles::write(size_t i, StringRef bytes) {
  StringRef path = files[i].path;
  std::error_code code;
  if (files[i].temporary) {
    code = writeAll(files[i].temporary->FD, bytes);
  } else if (path == "-") {
    code = writeAll(STDOUT_FILENO, bytes);
    path = "standard output";
  } else {
    int descriptor;
    code = sys::fs::openFileForWrite(path, descriptor, sys::fs::CD_OpenExisting, sys::fs::OF_None);
    if (!code) {
      code = writeAll(descriptor, bytes);
      ::close(descriptor);
    }
  }
  return code ? cannotWrite(path, code) : Error::success();
}

Error OutputFiles::commit() {
  for (File &file : files)
    if (file.temporary && sys::fs::is_directory(file.path))
      return cannotWrite(file.path, std::make_error_code(std::errc::is_a_directory));
  for (File &file : files) {
    if (!file.temporary)
      continue;
    const std::string name = file.temporary->TmpName;
    Error error = file.temporary->keep(file.path);
    file.temporary.reset();
    forgetTemporary(name);
    if (error)
      return cannotWrite(file.path, errorToErrorCode(std::move(error)));
  }
  return Error::success();
}

Error mixc::writeFile(StringRef path, StringRef bytes) {
  Expected<OutputFiles> output = OutputFiles::open(path.str());
  if (!output)
    return output.takeError();
  if (Error error = output->write(0, bytes))
    return error;
  return output->commit();
}
