-- Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
-- Starts mixer-lsp-server for the buffer: the one in vim.g.mixer_lsp_server, else the one on PATH. Neovim 0.7 and later.
local server = vim.g.mixer_lsp_server or 'mixer-lsp-server'
if vim.fn.executable(server) == 0 then
  vim.notify("expected mixer-lsp-server on PATH or in vim.g.mixer_lsp_server, got '" .. server .. "'", vim.log.levels.WARN)
  return
end

vim.bo.commentstring = '// %s'
vim.bo.omnifunc = 'v:lua.vim.lsp.omnifunc' -- completion by CTRL-X CTRL-O
vim.keymap.set('n', 'K', vim.lsp.buf.hover, { buffer = true })
vim.keymap.set('n', 'gd', vim.lsp.buf.definition, { buffer = true })
vim.keymap.set('n', 'gr', vim.lsp.buf.references, { buffer = true })

local config = { name = 'mixer-lsp-server', cmd = { server }, root_dir = vim.fn.getcwd() }
if vim.lsp.start then
  vim.lsp.start(config)
else -- before 0.8: one client for all buffers
  mixer_lsp_client = mixer_lsp_client or vim.lsp.start_client(config)
  vim.lsp.buf_attach_client(0, mixer_lsp_client)
end
