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
  mkdir -p "$WORK"
  rm -f "$WORK"/findings.* "$WORK"/diff.*
  # What became of the build: compiled, refused by `fail-on`, unwritten, or broken; and why nothing was compared.
  state=broken build_id="" changed="" uncompared=""
  local code=0 compared=0
  check || code=$?
  if [ "$code" = 0 ]; then
    state=compiled
    build || { code=$?; state=unwritten build_id=""; }
  elif [ "$code" = 1 ] && [ -s "$WORK/findings.json" ] && [ "$(errors)" = 0 ]; then
    state=refused
  fi
  # The comparison compiles by itself: it wants no build.
  if [ "$state" != broken ] && [ -n "$BASE" ]; then
    compare || compared=$?
  fi
  if [ "$code" = 0 ]; then
    code=$compared
  fi
  summary >> "$GITHUB_STEP_SUMMARY"
  comment > "$WORK/comment.md"
  output build-id "$build_id"
  output changed "$changed"
  output comment "$WORK/comment.md"
  output findings "$(findings)"
  exit "$code"
}

# Both run where the project lies.
profilec() {
  command profilec -C "${DIRECTORY:-.}" "$@"
}

git() {
  command git -C "${DIRECTORY:-.}" "$@"
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
    -*) uncomparable "the base is no revision"; return 2 ;;
  esac
  if ! git cat-file -e "$BASE^{commit}" 2> /dev/null && ! git fetch --quiet --no-tags --depth=1 origin "$BASE"; then
    uncomparable "the base is not in this checkout: give actions/checkout \`fetch-depth: 0\`"
    return 3
  fi
  local refused=() code=0 token since=$BASE
  # What others did to the base meanwhile is no change of this one.
  if git merge-base "$BASE" HEAD > /dev/null 2>&1; then
    since="$BASE..."
  fi
  if [ -n "$DIFF_FAIL_ON" ]; then
    refused=(--fail-on "$DIFF_FAIL_ON")
  fi
  # What is said of the base on stderr quotes it, so no line of that is a command.
  token=$(random)
  echo "::stop-commands::$token"
  # An empty array is an unset one to an older bash.
  arguments_of --since "$since" --exit-code ${refused[@]+"${refused[@]}"}
  profilec diff --format markdown "${arguments[@]}" > "$WORK/diff.md" 2> "$WORK/diff.txt" || code=$?
  cat "$WORK/diff.txt" >&2
  if ! [ -s "$WORK/diff.md" ]; then
    profilec diff --format json "${arguments[@]}" > "$WORK/diff.json" 2> /dev/null || true
  fi
  echo "::$token::"
  if [ -s "$WORK/diff.md" ]; then
    case $code in
      0) changed=false ;;
      1) changed=true; echo "::error title=engine-profiles::the comparison with the base fails: see the summary"; return 1 ;;
      2) changed=true ;;
      *) return "$code" ;;
    esac
  elif grep -q '^      "rule": "\(unknown-side\|no-registries\)",\{0,1\}$' "$WORK/diff.json"; then
    # The commit is there, so it is the project that is not.
    rm -f "$WORK/diff.txt"
    changed=true uncompared="The base has no engine profiles: everything is new"
  elif [ "$code" = 2 ]; then
    uncomparable "this is no way to compare"
    return 2
  else
    uncomparable "the base does not compile"
    return "$code"
  fi
}

uncomparable() {
  uncompared="Nothing was compared: $1"
  echo "::error title=engine-profiles::$uncompared"
}

# What became of it, in one line.
verdict() {
  case $state in
    compiled) echo "The engine profiles compile${1:-}." ;;
    refused) echo "The engine profiles compile, **and are refused by \`fail-on: $FAIL_ON\`**; no build was written." ;;
    unwritten) echo "The engine profiles compile, **and the build could not be written**: the log of this step says why." ;;
    *)
      if [ -s "$WORK/findings.txt" ]; then
        echo "**The engine profiles do not compile.**"
      else
        echo "**The engine profiles were not compiled.**"
      fi
      ;;
  esac
}

# Why nothing was compared, or what changes.
comparison() {
  if [ -n "$uncompared" ]; then
    echo
    echo "**$uncompared.**"
    if [ -s "$WORK/diff.txt" ]; then
      fenced "$1" "$WORK/diff.txt" "profilec diff"
    fi
  elif [ -s "$WORK/diff.md" ]; then
    echo
    cat "$WORK/diff.md"
  fi
}

summary() {
  echo "## Engine profiles"
  echo
  verdict "${build_id:+: build \`${build_id:0:19}\`}"
  if [ "$(findings)" != 0 ] || [ "$state" = broken ]; then
    fenced "$SUMMARY_BYTES"
  fi
  comparison "$COMMENT_BYTES"
}

# The first line is for whoever wants to find the comment again. What changes goes before what was found: it has no
# more than 64,000 characters, and the findings take what it leaves.
comment() {
  echo "<!-- engine-profiles -->"
  if [ "$state" = compiled ] && [ -s "$WORK/diff.md" ]; then
    cat "$WORK/diff.md"
    return
  fi
  verdict
  if [ "$state" = broken ]; then
    fenced "$COMMENT_BYTES"
    return
  fi
  local said="" limit
  said=$(comparison $((COMMENT_BYTES / 2)))
  if [ "$state" = refused ]; then
    limit=$((COMMENT_BYTES - $(printf %s "$said" | wc -c)))
    fenced $((limit > 400 ? limit : 400))
  fi
  if [ -n "$said" ]; then
    printf '%s\n' "$said"
  fi
}

errors() {
  grep -c '^      "severity": "error"' "$WORK/findings.json" || true
}

# One line of the report each, whatever is found: a text in it has no line breaks.
findings() {
  local count
  count=$(grep -c '^      "severity": "' "$WORK/findings.json" 2> /dev/null) || true
  echo "${count:-0}"
}

# The findings as a block of code, whole lines up to so many bytes; or those of another file, which a command shows in
# full. Its fence is longer than any run of backticks in it.
fenced() {
  local file="${2:-$WORK/findings.txt}"
  echo
  if ! [ -s "$file" ]; then
    echo "The log of this step says why."
    return
  fi
  LC_ALL=C awk -v limit="$1" -v command="${3:-profilec check}" '
    { size += length($0) + 1; if (size > limit) { cut++; next } lines[NR] = $0; last = NR }
    { rest = $0; while (match(rest, /`+/)) { if (RLENGTH > longest) longest = RLENGTH; rest = substr(rest, RSTART + RLENGTH) } }
    END {
      fence = "```"; while (length(fence) <= longest) fence = fence "`"
      print fence "text"; for (i = 1; i <= last; i++) print lines[i]
      if (cut) print "… and " cut " more lines: `" command "` shows all"
      print fence
    }' "$file"
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
