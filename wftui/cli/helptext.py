"""What `wftui --help` prints. Written out, because building it would take longer than all the rest of the start.

A test holds it against the commands and options that there are.
"""

HELP = """\
usage: wftui [TARGET] [options]
       wftui COMMAND [options] …

Watch durable workflows in the terminal, or do one thing with them.

commands (wftui COMMAND --help tells more, with examples):
  ls        list workflows: failed first, then running, newest first
  show      all of one workflow: tasks, times, errors, critical path
  dag       the graph of a workflow as text
  timeline  what of a workflow ran when, a bar per task
  eta       when a workflow will be done, told by earlier runs
  draw      any graph of a file as text: JSON, DOT, Mermaid
  watch     a line for every change, until interrupted
  logs      what a task printed or prints
  wait      block until workflows have ended; the exit code tells how
  cancel    cancel running workflows
  resume    run failed or interrupted workflows again from their checkpoints
  emit      send an event to a task of Absurd that waits for it
  delete    remove workflows with their checkpoints and history
  demo      an engine (ray, absurd) with workflows of all kinds, and the monitor

targets:
  auto, host:port       a Ray cluster; ray://host:10001 goes through Ray Client
  DIR, file://DIR       a storage of Ray Workflows, or its workflows/ folder
  X.tar, .zip           an archive of one, in place; also .tar.gz, .xz, .zst
  s3://BUCKET/PREFIX    one in an object store; also gs://, az:// (extra cloud)
  postgresql://URL      a database of Absurd (extra absurd)
  demo                  the built-in demonstration
  Without one: $WFTUI_TARGET, then $RAY_ADDRESS or a cluster that runs on this
  machine, then $RAY_WORKFLOW_STORAGE, $RAY_STORAGE and /tmp/ray/workflow_data.
  A command word wins over a target of that name: write ./ls or -t ls.

options, before or after a command:
  -t, --target TARGET   what to look at; given several times, all in one list
  --read-only           change nothing, whatever is asked (WFTUI_READ_ONLY=1)
  --poll S              look every S seconds instead of watching files
  --interval S          seconds between updates from a cluster
  --no-observer         start nothing inside a cluster (WFTUI_NO_OBSERVER=1)
  --definitions PATH    Highway definitions of runs, a file or a folder, any
                        number of times; and $WFTUI_DEFINITIONS, as in PATH
  --show-secrets        do not mask what looks like a password in metadata
  --no-color            no colours (NO_COLOR)
  --ascii               plain ASCII (by itself where the locale is not UTF-8)
  --no-mouse            leave the mouse to the terminal
  --theme NAME          a theme of the monitor, such as textual-light
  --version             print the version
  -h, --help            print this

examples:
  wftui                              watch what runs here
  wftui --read-only 10.0.0.5:6379    a cluster, without a way to change anything
  wftui /mnt/nfs/workflow_data       a storage directory, without any cluster
  wftui ls --status failed --json    data for scripts

Other keys: {"main.cancel": "x"} in ~/.config/wftui/keys.json; ? in the monitor
shows them all.

exit codes: 0 ok, 1 the answer is no, 2 usage, 3 the target cannot be reached or
read, 4 no such workflow or task, 5 refused, 130 interrupted
"""
