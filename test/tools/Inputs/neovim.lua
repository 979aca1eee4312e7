-- Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
-- Asks the server, through Neovim, what a user would ask, and prints the answers.
local function say(text) io.stdout:write(text .. '\n') end
local function position(line, column) return { textDocument = vim.lsp.util.make_text_document_params(), position = { line = line, character = column } } end
local function ask(method, params)
  local answers = vim.lsp.buf_request_sync(0, method, params, 20000) or {}
  for _, answer in pairs(answers) do return answer.result end
end

vim.wait(20000, function() return #vim.lsp.buf_get_clients(0) > 0 and vim.lsp.buf_get_clients(0)[next(vim.lsp.buf_get_clients(0))].initialized end)
vim.wait(20000, function() return #vim.diagnostic.get(0) > 0 end)
for _, problem in ipairs(vim.diagnostic.get(0)) do say('diagnostic ' .. problem.lnum + 1 .. ':' .. problem.col + 1 .. ' ' .. problem.message) end
local hover = ask('textDocument/hover', position(1, 13)) -- on mixer.semiseparable
say('hover ' .. hover.contents.value:sub(1, 60):gsub('\n', ' '))
local items = ask('textDocument/completion', position(1, 21))
for _, item in ipairs(items.items or items) do say('completion ' .. item.label) end
say('syntax ' .. vim.fn.synIDattr(vim.fn.synID(2, 14, 1), 'name'))
vim.cmd('qa!')
