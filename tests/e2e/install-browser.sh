#!/usr/bin/env bash
# Makes sure that a Chromium and Chinese letters are there, through apt when that is possible. Without them the browser
# tests skip themselves, except where CI=true: there they fail.
set -euo pipefail

has_browser() { command -v "${CHROMIUM:-chromium}" >/dev/null; }
has_chinese() { ls /usr/share/fonts/opentype/noto/NotoSansCJK-*.ttc >/dev/null 2>&1; }
if has_browser && has_chinese; then exit 0; fi

printf '\n== Chromium and Chinese fonts\n'
as_root=()
if [ "$(id -u)" != 0 ]; then
  if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then as_root=(sudo -n); else
    echo "the browser tests want the packages chromium and fonts-noto-cjk; to install them: sudo apt-get install chromium fonts-noto-cjk"
    exit 0
  fi
fi
if ! command -v apt-get >/dev/null; then
  echo "the browser tests want Chromium (name it in CHROMIUM) and the Noto CJK fonts; this system has no apt-get to install them"
  exit 0
fi
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -q
"${as_root[@]}" apt-get install -y -q --no-install-recommends chromium fonts-noto-cjk
