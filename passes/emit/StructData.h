// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Plain C data as an LLVM constant. The structs are the runtime's own, filled in here and copied as bytes, so that their
// layout is written down once; pointers inside them become relocations. It takes an x86-64 compiler to build for x86-64.
#pragma once

#include "llvm/IR/Constants.h"
#include "llvm/IR/GlobalVariable.h"
#include "llvm/IR/Module.h"
#include <type_traits>

namespace mixc {

class StructData {
public:
  /// A pointer member: its offset in the struct, and what it points to.
  struct Pointer {
    size_t offset;
    llvm::Constant *target;
  };

  /// Appends one struct. Its pointer members are null in `value`; those that are not to stay null are in `pointers`, in
  /// order of their offsets.
  template <typename T> void append(const T &value, llvm::ArrayRef<Pointer> pointers) {
    static_assert(std::is_trivially_copyable_v<T> && sizeof(T) % 8 == 0 && sizeof(void *) == 8);
    for (Pointer pointer : pointers)
      if (pointer.target)
        this->pointers.push_back({bytes.size() + pointer.offset, pointer.target});
    bytes.append(reinterpret_cast<const char *>(&value), sizeof(T));
  }

  /// A constant global with everything appended so far, in order; null if that is nothing.
  llvm::GlobalVariable *emit(llvm::Module &module, const llvm::Twine &name) const {
    if (bytes.empty())
      return nullptr;
    llvm::LLVMContext &context = module.getContext();
    llvm::SmallVector<llvm::Constant *> pieces;
    size_t at = 0;
    auto addBytes = [&](size_t end) {
      if (end > at)
        pieces.push_back(llvm::ConstantDataArray::getString(context, llvm::StringRef(bytes).slice(at, end), false));
    };
    for (Pointer pointer : pointers) {
      addBytes(pointer.offset);
      pieces.push_back(pointer.target);
      at = pointer.offset + sizeof(void *);
    }
    addBytes(bytes.size());
    llvm::Constant *data = llvm::ConstantStruct::getAnon(context, pieces, /*Packed=*/true);
    auto *global = new llvm::GlobalVariable(module, data->getType(), true, llvm::GlobalValue::InternalLinkage, data, name);
    global->setAlignment(llvm::Align(8));
    return global;
  }

private:
  std::string bytes;
  llvm::SmallVector<Pointer> pointers;
};

} // namespace mixc
