#!/bin/sh
# Says that it runs, and goes on for long.
echo $$ > "${0%/*}/running"
exec sleep 60
