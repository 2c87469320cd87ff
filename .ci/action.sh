#!/usr/bin/env bash
# The steps of action.yml. Inputs come as variables and stay arguments: nothing of them is ever read as shell.
set -euo pipefail

WORK="${RUNNER_TEMP:?}/engine-profiles"
# The summary may have 1,000 KiB, a comment 65,536 characters; the rest is for what changes.
SUMMARY_BYTES=700000
COMMENT_BYTES=60000

# A directory of its own: the runner's Python may be managed by the system, and the project's is the project's.
install() {
  if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "::error title=engine-profiles::Python 3.11 or newer is needed: run actions/setup-python before this action"
    exit 2
  fi
  local requirement="${GITHUB_ACTION_PATH}[compiler]"
  if [ -n "$VERSION" ]; then
    requirement="engine-profiles[compiler]==$VERSION"
  fi
  python3 -m venv "$WORK/venv"
  local programs="$WORK/venv/bin"
  if [ -d "$WORK/venv/Scripts" ]; then
    programs="$WORK/venv/Scripts"
  fi
  "$programs/python" -m pip install --quiet --disable-pip-version-check -- "$requirement"
  echo "$programs" >> "$GITHUB_PATH"
}

run() {
  cd -- "$DIRECTORY"
  mkdir -p "$WORK"
  local code=0
  check || code=$?
  build_id="" changed=""
  if [ "$code" = 0 ]; then
    build || code=$?
  fi
  if [ "$code" = 0 ] && [ -n "$BASE" ]; then
    compare || code=$?
  fi
  summary >> "$GITHUB_STEP_SUMMARY"
  comment > "$WORK/comment.md"
  output build-id "$build_id"
  output changed "$changed"
  output comment "$WORK/comment.md"
  output findings "$(findings)"
  exit "$code"
}

# The options of a command and its sources, in the array `arguments`.
arguments_of() {
  arguments=("$@" --)
  local source
  while IFS= read -r source; do
    if [ -n "${source//[[:space:]]/}" ]; then
      arguments+=("$source")
    fi
  done <<< "$SOURCES"
}

# What check and build share, in the array `compiling`.
check() {
  rm -f "$WORK"/findings.* "$WORK"/diff.md
  compiling=(--format github)
  if [ -n "$FAIL_ON" ]; then
    compiling+=(--fail-on "$FAIL_ON")
  fi
  local reports=(--report "text=$WORK/findings.txt" --report "json=$WORK/findings.json")
  if [ -n "$SARIF" ]; then
    reports+=(--report "sarif=$SARIF")
  fi
  arguments_of "${compiling[@]}" "${reports[@]}"
  profilec check "${arguments[@]}"
}

build() {
  if [ -n "$OUTPUT" ]; then
    compiling+=(--output "$OUTPUT")
  fi
  # What `check` has annotated is annotated already.
  arguments_of "${compiling[@]}"
  profilec build "${arguments[@]}" > "$WORK/build.log" || { cat "$WORK/build.log"; return 1; }
  arguments_of "${compiling[@]}" --check --format json
  profilec build "${arguments[@]}" > "$WORK/build.json" || return
  build_id=$(sed -n 's/^  "build": "\(.*\)",\{0,1\}$/\1/p' "$WORK/build.json")
}

compare() {
  case $BASE in
    -*) echo "::error title=engine-profiles::the base is no revision"; return 2 ;;
  esac
  if ! git cat-file -e "$BASE^{commit}" 2> /dev/null && ! git fetch --quiet --no-tags --depth=1 origin "$BASE"; then
    echo "::error title=engine-profiles::the base is not in this checkout: give actions/checkout \`fetch-depth: 0\`"
    return 3
  fi
  local refused=() code=0 token
  if [ -n "$DIFF_FAIL_ON" ]; then
    refused=(--fail-on "$DIFF_FAIL_ON")
  fi
  # What is said of the base on stderr quotes it, so no line of that is a command.
  token=$(random)
  echo "::stop-commands::$token"
  # An empty array is an unset one to an older bash.
  arguments_of --since "$BASE" --exit-code --format markdown ${refused[@]+"${refused[@]}"}
  profilec diff "${arguments[@]}" > "$WORK/diff.md" || code=$?
  echo "::$token::"
  case $code in
    0) changed=false ;;
    1) changed=true; echo "::error title=engine-profiles::the comparison with the base fails: see the summary"; return 1 ;;
    # Different; but also wrong usage, which prints nothing.
    2) [ -s "$WORK/diff.md" ] || return 2; changed=true ;;
    *) return "$code" ;;
  esac
}

summary() {
  echo "## Engine profiles"
  echo
  if [ -n "$build_id" ]; then
    echo "Compiled: build \`${build_id:0:19}\`."
  else
    echo "**Does not compile.**"
  fi
  if [ "$(findings)" != 0 ] || [ -z "$build_id" ]; then
    fenced "$SUMMARY_BYTES"
  fi
  if [ -s "$WORK/diff.md" ]; then
    echo
    cat "$WORK/diff.md"
  fi
}

# The first line is for whoever wants to find the comment again.
comment() {
  echo "<!-- engine-profiles -->"
  if [ -s "$WORK/diff.md" ]; then
    cat "$WORK/diff.md"
  elif [ -z "$build_id" ]; then
    echo "**The engine profiles do not compile.**"
    fenced "$COMMENT_BYTES"
  else
    echo "The engine profiles compile."
  fi
}

# One line of the report each, whatever is found: a text in it has no line breaks.
findings() {
  local count
  count=$(grep -c '^      "severity": "' "$WORK/findings.json" 2> /dev/null) || true
  echo "${count:-0}"
}

# The findings as a block of code, whole lines up to so many bytes. Its fence is longer than any run of backticks in it.
fenced() {
  echo
  if ! [ -s "$WORK/findings.txt" ]; then
    echo "The log of this step says why."
    return
  fi
  LC_ALL=C awk -v limit="$1" '
    { size += length($0) + 1; if (size > limit) { cut++; next } lines[NR] = $0; last = NR }
    { rest = $0; while (match(rest, /`+/)) { if (RLENGTH > longest) longest = RLENGTH; rest = substr(rest, RSTART + RLENGTH) } }
    END {
      fence = "```"; while (length(fence) <= longest) fence = fence "`"
      print fence "text"; for (i = 1; i <= last; i++) print lines[i]
      if (cut) print "… and " cut " more lines: `profilec check` shows all"
      print fence
    }' "$WORK/findings.txt"
}

# Nothing in a value can end it: nobody knows the delimiter before.
output() {
  local delimiter
  delimiter=$(random)
  printf '%s<<%s\n%s\n%s\n' "$1" "$delimiter" "$2" "$delimiter" >> "$GITHUB_OUTPUT"
}

random() {
  od -An -N16 -tx1 /dev/urandom | tr -d ' \n'
}

"$@"
