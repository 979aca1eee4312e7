// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH
// LLVM-exception

#include "Engine.h"

#include <algorithm>
#include <utility>

void Engine::admit(Tokens tokens, int64_t prompt) { running.push_back({std::move(tokens), prompt, 0, pool.take(), {}}); }

void Engine::take(Request &request, const std::vector<float> &outputs, int64_t row, int64_t count) {
  request.outputs.insert(request.outputs.end(), outputs.begin() + row * kOutputFloats, outputs.begin() + (row + count) * kOutputFloats);
  request.done += count;
}

void Engine::moveTo(Request &request, int32_t slot) {
  pool.giveBack(request.slot);
  request.slot = slot;
}

void Engine::prefill() {
  Batch batch;
  std::vector<std::pair<Request *, int64_t>> pieces;
  for (Request &request : running) {
    const int64_t count = std::min({request.prompt - request.done, kPiece, kBudget - batch.tokens.count()});
    if (count <= 0)
      continue;
    // A first piece begins with zeros, whatever the slot holds of the request before.
    batch.add(request.tokens, request.done, count, request.slot, request.slot, /*hasInitial=*/request.done > 0);
    pieces.push_back({&request, count});
  }
  if (pieces.empty())
    return;
  const std::vector<float> outputs = runRagged(batch, pool);
  for (size_t b = 0; b < pieces.size(); ++b)
    take(*pieces[b].first, outputs, batch.starts[b], pieces[b].second);
  counts.pieces += int(pieces.size());
}

void Engine::decode() {
  Batch batch;
  std::vector<Request *> rows;
  for (Request &request : running)
    if (request.isPrefilled() && !request.isDone()) {
      batch.add(request.tokens, request.done, 1, request.slot, request.slot);
      rows.push_back(&request);
    }
  batch.padTo(kMostRequests);
  const std::vector<float> outputs = runStep(batch, pool);
  for (size_t b = 0; b < rows.size(); ++b)
    take(*rows[b], outputs, b, 1);
  ++counts.steps;
  counts.padding += int(kMostRequests - rows.size());
}

std::vector<Engine::Draft> Engine::drawDrafts(bool slotOfEach) {
  std::vector<Draft> drafts;
  for (Request &request : running) {
    if (!request.isPrefilled() || request.isDone())
      continue;
    const int64_t count = std::min(kDraft, request.left()), accepted = std::uniform_int_distribution<int64_t>(0, count)(random);
    Draft draft{&request, {}, accepted, {}};
    draft.tokens.append(request.tokens, request.done, accepted);
    draft.tokens.append(drawTokens(count - accepted, random), 0, count - accepted);
    for (int64_t i = 0; i < (slotOfEach ? count : 1); ++i)
      draft.slots.push_back(pool.take());
    counts.drafted += int(count);
    counts.accepted += int(accepted);
    drafts.push_back(std::move(draft));
  }
  return drafts;
}

void Engine::speculateAndReplay() {
  std::vector<Draft> drafts = drawDrafts(/*slotOfEach=*/false);
  if (drafts.empty())
    return;
  Batch verify, replay;
  for (Draft &draft : drafts)
    verify.add(draft.tokens, 0, draft.tokens.count(), draft.request->slot, draft.slots[0]);
  const std::vector<float> outputs = runRagged(verify, pool);
  for (size_t b = 0; b < drafts.size(); ++b) {
    Draft &draft = drafts[b];
    take(*draft.request, outputs, verify.starts[b], draft.accepted);
    if (draft.accepted == draft.tokens.count()) {
      moveTo(*draft.request, draft.slots[0]);
      continue;
    }
    pool.giveBack(draft.slots[0]);
    replay.add(draft.tokens, 0, draft.accepted, draft.request->slot, draft.request->slot); // maybe of no tokens at all
    counts.replayed += int(draft.accepted);
  }
  if (replay.size() > 0)
    runRagged(replay, pool);
}

void Engine::speculateAndKeep() {
  std::vector<Draft> drafts = drawDrafts(/*slotOfEach=*/true);
  for (int64_t i = 0; i < kDraft; ++i) {
    Batch batch;
    std::vector<Draft *> rows;
    for (Draft &draft : drafts)
      if (i < draft.tokens.count()) {
        batch.add(draft.tokens, i, 1, i == 0 ? draft.request->slot : draft.slots[i - 1], draft.slots[i]);
        rows.push_back(&draft);
      }
    if (rows.empty())
      break;
    batch.padTo(kMostRequests);
    const std::vector<float> outputs = runStep(batch, pool);
    for (size_t b = 0; b < rows.size(); ++b)
      if (i < rows[b]->accepted)
        take(*rows[b]->request, outputs, b, 1);
  }
  for (Draft &draft : drafts)
    for (int64_t i = 0; i < draft.tokens.count(); ++i) {
      if (i + 1 == draft.accepted)
        moveTo(*draft.request, draft.slots[i]);
      else
        pool.giveBack(draft.slots[i]);
    }
}

std::vector<Engine::Finished> Engine::retire() {
  std::vector<Finished> finished;
  auto done = std::partition(running.begin(), running.end(), [](const Request &request) { return !request.isDone(); });
  for (auto it = done; it != running.end(); ++it) {
    const float *state = pool.at(it->slot);
    finished.push_back({std::move(*it), std::vector<float>(state, state + kStateFloats)});
    pool.giveBack(finished.back().request.slot);
  }
  running.erase(done, running.end());
  return finished;
}
