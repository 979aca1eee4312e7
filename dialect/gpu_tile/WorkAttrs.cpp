// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Who does what of a kernel whose warps have roles: the attributes gpu_tile.roles and gpu_tile.work.

#include "WorkSyntax.h"
#include "mlir/IR/DialectImplementation.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu_tile;

#include "mixc/dialect/GpuTileRoles.cpp.inc"

using EmitError = function_ref<InFlightDiagnostic()>;

static constexpr int64_t kMostWarps = 32;

LogicalResult RoleAttr::verify(EmitError emitError, Role role, int64_t first, int64_t warps, int64_t parts, int64_t registers, bool, bool) {
  bool fits = first >= 0 && warps >= 1 && parts >= 1 && first < kMostWarps && warps <= kMostWarps && parts <= kMostWarps;
  if (!fits || first + warps * parts > kMostWarps) // C1
    return emitError() << "expected warps of the " << kMostWarps << " of a block for role " << stringifyRole(role) << ", got " << parts
                       << " times " << warps << " from " << first << " on";
  if (registers < 0) // C2
    return emitError() << "expected registers to be at least 0, got " << registers;
  return success();
}

LogicalResult WorkAttr::verify(EmitError emitError, ArrayRef<Role> roles, bool, std::optional<int64_t>, bool, ArrayRef<Type> through,
                               Attribute held) {
  if (roles.empty() || llvm::is_contained(roles, Role::Helpers)) // C1
    return emitError() << "expected one or more of fetch, vectors, flush, early, factors and compute";
  for (auto [i, role] : llvm::enumerate(roles))
    if (llvm::is_contained(roles.take_front(i), role)) // C1
      return emitError() << "expected each role once, got " << stringifyRole(role) << " twice";
  for (Type type : through)
    if (auto shared = dyn_cast<SharedType>(type); !isa<NoneType>(type) && !(shared && shared.getStages() == 1)) // C2
      return emitError() << "expected a shared tile of one stage or none to hand over, got " << type;
  if (held && !isa<MmaAttr, LanesAttr, LinearAttr, ColumnsAttr, PiecesAttr>(held)) // C3
    return emitError() << "expected held to be an mma, lanes, linear, columns or pieces layout, got " << held;
  return success();
}

/// `[early, compute], each_part, order = 3, ahead, through = [!gpu_tile.shared<64xf32>, none], held = #gpu_tile.linear`
void mixc::gpu_tile::printWork(AsmPrinter &printer, ArrayRef<Role> roles, bool eachPart, std::optional<int64_t> order, bool ahead,
                               ArrayRef<Type> through, Attribute held) {
  printer << '[';
  llvm::interleaveComma(roles, printer, [&](Role role) { printer << stringifyRole(role); });
  printer << ']';
  if (eachPart)
    printer << ", each_part";
  if (order)
    printer << ", order = " << *order;
  if (ahead)
    printer << ", ahead";
  if (!through.empty()) {
    printer << ", through = [";
    llvm::interleaveComma(through, printer);
    printer << ']';
  }
  if (held)
    printer << ", held = " << held;
}

static ParseResult parseRole(AsmParser &parser, SmallVector<Role> &roles) {
  StringRef name;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseKeyword(&name))
    return failure();
  std::optional<Role> role = symbolizeRole(name);
  if (!role)
    return parser.emitError(loc) << "expected a role, got " << name;
  roles.push_back(*role);
  return success();
}

static ParseResult parseTypes(AsmParser &parser, SmallVector<Type> &types) {
  return failure(parser.parseEqual() ||
                 parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, [&] { return parser.parseType(types.emplace_back()); }));
}

ParseResult mixc::gpu_tile::parseWork(AsmParser &parser, SmallVector<Role> &roles, bool &eachPart, std::optional<int64_t> &order,
                                      bool &ahead, SmallVector<Type> &through, Attribute &held) {
  eachPart = ahead = false;
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, [&] { return parseRole(parser, roles); }))
    return failure();
  llvm::SmallDenseSet<StringRef> seen;
  while (succeeded(parser.parseOptionalComma())) {
    StringRef clause;
    SMLoc loc = parser.getCurrentLocation();
    if (parser.parseKeyword(&clause))
      return failure();
    bool isFirst = seen.insert(clause).second;
    if (isFirst && clause == "each_part")
      eachPart = true;
    else if (isFirst && clause == "ahead")
      ahead = true;
    else if (!isFirst || (clause != "order" && clause != "through" && clause != "held"))
      return parser.emitError(loc) << "expected each_part, order, ahead, through or held, each once, got " << clause;
    else if (clause == "order"  ? parser.parseEqual() || parser.parseInteger(order.emplace())
             : clause == "held" ? parser.parseEqual() || parser.parseAttribute(held)
                                : failed(parseTypes(parser, through)))
      return failure();
  }
  return success();
}

//===--- On ops ---===//

static LogicalResult verifyRoles(Operation *op, Attribute value) {
  if (!isa<tile::KernelOp>(op))
    return op->emitOpError("expected ") << kRolesAttr << " on tile.kernel only";
  auto roles = dyn_cast<ArrayAttr>(value);
  if (!roles || !llvm::all_of(roles, llvm::IsaPred<RoleAttr>))
    return op->emitOpError("expected ") << kRolesAttr << " to be an array of #gpu_tile.role, got " << value;
  llvm::SmallDenseSet<Role> seen;
  for (RoleAttr role : roles.getAsRange<RoleAttr>())
    if (!seen.insert(role.getRole()).second)
      return op->emitOpError("expected each role once, got ") << stringifyRole(role.getRole()) << " twice";
  return success();
}

static LogicalResult verifyWork(Operation *op, Attribute value) {
  auto work = dyn_cast<WorkAttr>(value);
  if (!work)
    return op->emitOpError("expected ") << kWorkAttr << " to be a #gpu_tile.work, got " << value;
  size_t tiles = std::max<size_t>(op->getNumResults(), 1);
  if (!work.getThrough().empty() && work.getThrough().size() != tiles) // C2
    return op->emitOpError("expected through to have ") << tiles << " entries, got " << work.getThrough().size();
  return success();
}

LogicalResult GpuTileDialect::verifyOperationAttribute(Operation *op, NamedAttribute attribute) {
  if (attribute.getName() == kRolesAttr)
    return verifyRoles(op, attribute.getValue());
  if (attribute.getName() == kWorkAttr)
    return verifyWork(op, attribute.getValue());
  return success();
}

RoleAttr mixc::gpu_tile::roleOf(tile::KernelOp kernel, Role role) {
  auto roles = kernel->getAttrOfType<ArrayAttr>(kRolesAttr);
  if (!roles)
    return {};
  auto found = llvm::find_if(roles.getAsRange<RoleAttr>(), [&](RoleAttr entry) { return entry.getRole() == role; });
  return found == roles.getAsRange<RoleAttr>().end() ? RoleAttr() : *found;
}

WorkAttr mixc::gpu_tile::workOf(Operation *op) { return op->getAttrOfType<WorkAttr>(kWorkAttr); }

bool mixc::gpu_tile::isDoneBy(Operation *op, Role role) {
  WorkAttr work = workOf(op);
  return work && work.has(role);
}
