# shellcheck shell=bash
# Numbered steps with their times. A failing step ends the run; the table comes either way.

step_count=0
step_table=''

# step "name" command…
step() {
  local name=$1 began=$SECONDS result
  shift
  step_count=$((step_count + 1))
  printf '\n==> %d. %s\n' "$step_count" "$name"
  if "$@"; then result=ok; else result=FAILED; fi
  step_table+=$(printf '%3d  %-34s %5d s  %s' "$step_count" "$name" $((SECONDS - began)) "$result")$'\n'
  [ "$result" = ok ] || exit 1
}

show_steps() { printf '\n%s' "$step_table"; }
trap show_steps EXIT
