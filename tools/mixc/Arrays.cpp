// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Arrays.h"

using namespace llvm;
using namespace mixc;

Expected<HostTensors> mixc::readArrays(StringRef path, npz::Selection *selection) {
  npz::Archive archive;
  std::string message;
  if (!npz::readFile(path.str(), archive, message, selection))
    return createStringError(message);
  HostTensors tensors;
  for (auto &[name, array] : archive) {
    HostTensor &tensor = tensors[name];
    tensor.shape = array.shape;
    tensor.values.resize(array.numElements());
    for (size_t i = 0; i < tensor.values.size(); ++i)
      tensor.values[i] = static_cast<float>(array.element(i));
    array.data = {}; // one copy at a time
  }
  return tensors;
}

Error mixc::writeArrays(OutputFiles &file, const HostTensors &tensors) {
  npz::Archive archive;
  for (auto &[name, tensor] : tensors)
    archive[name] = npz::Array::fromDoubles(npz::DType::F32, tensor.shape, std::vector<double>(tensor.values.begin(), tensor.values.end()));
  std::string message;
  if (!npz::writeNpz(file.writtenPath(0).str(), archive, message))
    return createStringError("cannot write '" + file.path(0) + "':" + StringRef(message).rsplit(':').second); // the reason stands last
  return file.commit();
}
