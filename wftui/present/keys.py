"""The one table of all keys. Bindings, footer, help and the test against two meanings are made from it. Pure.

A key of a place works wherever that place has the focus; "app" keys work everywhere, "main" keys on the whole main
screen. So a key may mean two things only in places of which neither holds the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Place(Enum):
    """Where a key works; the value is its heading in the help."""

    APP = "Everywhere"
    MAIN = "Workflows"
    LIST = "List"
    DETAIL = "Details"
    TASKS = "Tasks"
    READING = "Reading"
    GRAPH = "Graph"
    TIMELINE = "Timeline"
    EVENTS = "Events"
    TRAVEL = "Time travel"
    OUTPUT = "Output"
    SEARCH = "Search"
    FILTER = "Filter"
    DIALOG = "Dialog"
    TICK = "Choice"


@dataclass(frozen=True, slots=True)
class Key:
    """One line of the table.

    Attributes:
        id: What a keymap names to bind it elsewhere.
        keys: The keys, as Textual names them, separated by commas.
        action: What it does; "" for a key that is kept free for later.
        label: One or two words for the footer.
        tooltip: A sentence for the help.
        place: Where it works.
        shown: Whether the footer shows it.
        priority: Whether it works even while something else, as an input, would take it.
    """

    id: str
    keys: str
    action: str
    label: str
    tooltip: str
    place: Place
    shown: bool = False
    priority: bool = False


_A, _M, _L, _D = Place.APP, Place.MAIN, Place.LIST, Place.DETAIL
_T, _R, _G, _S = Place.TASKS, Place.READING, Place.GRAPH, Place.SEARCH
_B, _P, _E, _O = Place.TIMELINE, Place.TRAVEL, Place.EVENTS, Place.OUTPUT

KEYS: tuple[Key, ...] = (
    # everywhere
    Key("app.quit", "q", "quit", "quit", "Leave wftui; what runs goes on running", _A, shown=True),
    Key("app.interrupt", "ctrl+c", "interrupt", "quit", "Leave at once, as after an interrupt", _A, priority=True),
    Key("app.help", "question_mark,f1", "help", "help", "Show every key that works here", _A, shown=True),
    Key("app.palette", "ctrl+p", "command_palette", "palette", "Find a command by its name", _A),
    Key("app.next", "tab", "app.focus_next", "next pane", "Go to the next pane", _A),
    Key("app.previous", "shift+tab", "app.focus_previous", "previous pane", "Go to the pane before", _A),
    # the main screen
    Key("main.filter", "slash", "filter", "find", "Show rows that match; in a graph: find", _M, True, priority=True),
    Key("main.output", "o", "output", "output", "Show what the selected task prints, as it comes", _M, True),
    Key("main.sort", "s", "sort", "sort", "Choose the column to sort by; again to turn the order", _M, shown=True),
    Key("main.columns", "C", "columns", "columns", "Choose columns of user metadata", _M),
    Key("main.cancel", "c", "cancel", "cancel", "Cancel the selected or marked workflows", _M, True),
    Key("main.resume", "r", "resume", "resume", "Resume the selected or marked workflows", _M, True),
    Key("main.resume_all", "R", "resume_all", "resume all", "Resume all, with or without failed ones", _M),
    Key("main.delete", "D", "delete", "delete", "Delete the selected or marked workflows", _M, True),
    Key("main.disarm", "u", "disarm", "disarm", "Take back the armed cancel of the selected workflow", _M, True),
    Key("main.emit", "E", "emit", "emit event", "Send an event to what waits for it", _M, True),
    Key("main.cancel_task", "X", "cancel_task", "cancel task", "Cancel the selected task alone", _M, True),
    Key("main.resume_task", "A", "resume_task", "retry task", "Run the selected task again, it alone", _M, True),
    Key("main.copy", "y", "copy_id", "copy id", "Copy the id to the clipboard", _M),
    Key("main.pause", "p", "pause", "pause", "Stop looking for news, or look again", _M),
    Key("main.refresh", "ctrl+r,f5", "refresh", "refresh", "Look for news now", _M),
    Key("main.problems", "exclamation_mark", "problems", "problems", "Show what could not be read", _M, True),
    Key("main.secrets", "S", "secrets", "secrets", "Show what is masked in metadata, until pressed again", _M),
    Key("main.values", "V", "values", "values", "Show what the task was given and gave back, or not", _M),
    Key("main.graph", "g", "tab('graph')", "graph", "Show the graph of the selected workflow", _M),
    Key("main.tasks", "t", "tab('tasks')", "tasks", "Show its tasks", _M),
    Key("main.timeline", "i", "tab('timeline')", "timeline", "Show what ran when", _M),
    Key("main.events", "T", "tab('events')", "events", "Show what happened, in order", _M),
    Key("main.metadata", "m", "tab('metadata')", "metadata", "Show its metadata", _M),
    Key("main.error", "e", "tab('error')", "error", "Show why it failed", _M),
    Key("main.whole", "w", "whole", "whole screen", "Give the details the whole screen, or not any more", _M),
    Key("main.back", "escape", "back", "back", "Back to the list; there: drop the filter, then the marks", _M, True),
    # the list
    Key("list.up", "up,k", "cursor(-1)", "up", "One row up", _L),
    Key("list.down", "down,j", "cursor(1)", "down", "One row down", _L),
    Key("list.page_up", "pageup,ctrl+b", "page(-1)", "page up", "One page up", _L),
    Key("list.page_down", "pagedown,ctrl+f", "page(1)", "page down", "One page down", _L),
    Key("list.first", "home", "first", "first", "To the first row", _L),
    Key("list.last", "end,G", "last", "last", "To the last row", _L),
    Key("list.open", "enter,l,right", "open", "open", "Open the details of the row", _L, shown=True),
    Key("list.mark", "space", "mark", "mark", "Mark the row, or not; actions take all marked rows", _L),
    Key("list.mark_all", "asterisk", "mark_all", "mark all", "Mark every row that is shown, or none", _L),
    # the details
    Key("detail.close", "escape", "close_task", "close", "Close the task, back to all tasks", _D, shown=True),
    Key("detail.back", "backspace", "back_task", "task before", "Back to the task shown before", _D),
    # the tasks
    Key("tasks.up", "up,k", "cursor(-1)", "up", "One task up", _T),
    Key("tasks.down", "down,j", "cursor(1)", "down", "One task down", _T),
    Key("tasks.page_up", "pageup,ctrl+b", "page(-1)", "page up", "One page up", _T),
    Key("tasks.page_down", "pagedown,ctrl+f", "page(1)", "page down", "One page down", _T),
    Key("tasks.first", "home", "first", "first", "To the first task", _T),
    Key("tasks.last", "end,G", "last", "last", "To the last task", _T),
    Key("tasks.open", "enter,l,right", "open", "open", "Show everything about the task", _T, shown=True),
    # a task, metadata, an error
    Key("read.up", "up,k", "move(-1)", "up", "To the line above that does something, or a line up", _R),
    Key("read.down", "down,j", "move(1)", "down", "To the line below that does something, or a line down", _R),
    Key("read.page_up", "pageup,ctrl+b", "page(-1)", "page up", "One page up", _R),
    Key("read.page_down", "pagedown,ctrl+f", "page(1)", "page down", "One page down", _R),
    Key("read.first", "home", "first", "first", "To the top", _R),
    Key("read.last", "end,G", "last", "last", "To the end", _R),
    Key("read.act", "enter,space", "act", "open", "Go to the task, or open and close the block", _R, shown=True),
    Key("read.unfold", "right,l", "fold(True)", "unfold", "Open the block, or go to the task", _R),
    Key("read.fold", "left,h", "fold(False)", "fold", "Close the block, or go to the line it began with", _R),
    # the graph: ways through it
    Key("graph.up", "up,k", "go('up')", "up", "To the task above", _G),
    Key("graph.down", "down,j", "go('down')", "down", "To the task below", _G),
    Key("graph.upstream", "left,h", "go('left')", "upstream", "Along an edge to what the task waits for", _G),
    Key("graph.downstream", "right,l", "go('right')", "downstream", "Along an edge to what waits for it", _G),
    Key("graph.next", "n", "sibling(1)", "sibling", "The next task beside this one", _G),
    Key("graph.previous", "N", "sibling(-1)", "sibling before", "The task before it", _G),
    Key("graph.critical_back", "left_square_bracket", "critical(-1)", "critical back", "Back on the critical path", _G),
    Key("graph.critical_on", "right_square_bracket", "critical(1)", "critical on", "On along the critical path", _G),
    Key("graph.failed", "x", "next_failed", "next failed", "To the next task that failed", _G),
    Key("graph.page_up", "pageup,ctrl+b", "page(-1)", "page up", "One page up", _G),
    Key("graph.page_down", "pagedown,ctrl+f", "page(1)", "page down", "One page down", _G),
    Key("graph.first", "home", "first", "first", "To the first task", _G),
    Key("graph.last", "end,G", "last", "last", "To the last task", _G),
    # the graph: what of it is seen
    Key("graph.open", "enter", "open", "open", "Open the task, or some of what is grouped or folded", _G, shown=True),
    Key("graph.fold", "z", "fold", "fold", "Fold or unfold a sub-DAG, a chain, a group", _G),
    Key("graph.focus", "f", "focus", "focus", "Only what is around, before, behind the task; then all", _G, True),
    Key("graph.wider", "plus,equals_sign", "hops(1)", "wider", "In a focus: one hop further", _G),
    Key("graph.narrower", "minus", "hops(-1)", "narrower", "In a focus: one hop less", _G),
    Key("graph.whole", "escape", "whole", "whole", "The whole graph again; or no search any more", _G),
    Key("graph.view", "v", "view", "view", "Layers, lanes or a tree", _G, shown=True),
    Key("graph.minimap", "M", "minimap", "minimap", "A small map of the whole graph, or none", _G),
    Key("graph.relayout", "L", "relayout", "lay out", "Lay the graph out anew", _G),
    Key("graph.pan_up", "shift+up", "pan(0, -1)", "pan up", "Look further up; the cursor stays", _G),
    Key("graph.pan_down", "shift+down", "pan(0, 1)", "pan down", "Look further down", _G),
    Key("graph.pan_left", "shift+left", "pan(-1, 0)", "pan left", "Look further left", _G),
    Key("graph.pan_right", "shift+right", "pan(1, 0)", "pan right", "Look further right", _G),
    # the timeline
    Key("timeline.up", "up,k", "cursor(-1)", "up", "One row up", _B),
    Key("timeline.down", "down,j", "cursor(1)", "down", "One row down", _B),
    Key("timeline.page_up", "pageup,ctrl+b", "page(-1)", "page up", "One page up", _B),
    Key("timeline.page_down", "pagedown,ctrl+f", "page(1)", "page down", "One page down", _B),
    Key("timeline.first", "home", "first", "first", "To the first row", _B),
    Key("timeline.last", "end,G", "last", "last", "To the last row", _B),
    Key(
        "timeline.open", "enter", "open", "open", "Open the task, or some of what is grouped or folded", _B, shown=True
    ),
    Key("timeline.fold", "z", "fold", "fold", "Fold what was opened again, or a sub-DAG", _B),
    Key("timeline.in", "plus,equals_sign", "zoom(0.5)", "zoom in", "Look closer, at the bar of the row", _B, True),
    Key("timeline.out", "minus", "zoom(2)", "zoom out", "Look from further away", _B, shown=True),
    Key("timeline.all", "0", "all", "all", "See all of the time again", _B),
    Key("timeline.left", "left,h", "pan(-0.25)", "earlier", "Look at what was before", _B),
    Key("timeline.right", "right,l", "pan(0.25)", "later", "Look at what came later", _B),
    Key("timeline.clock", "a", "clock", "clock", "Tell times by the clock, or since the start", _B),
    Key("timeline.order", "v", "order", "order", "Sort rows by their start, or as the graph has them", _B, shown=True),
    Key("timeline.failed", "x", "next_failed", "next failed", "To the next row in which a task failed", _B),
    Key(
        "timeline.critical_back",
        "left_square_bracket",
        "critical(-1)",
        "critical back",
        "Back on the critical path",
        _B,
    ),
    Key("timeline.critical_on", "right_square_bracket", "critical(1)", "critical on", "On along the critical path", _B),
    Key("timeline.whole", "escape", "whole", "no search", "No search any more", _B),
    # the events
    Key("events.up", "up,k", "cursor(-1)", "up", "One event back", _E),
    Key("events.down", "down,j", "cursor(1)", "down", "One event on", _E),
    Key("events.page_up", "pageup,ctrl+b", "page(-1)", "page up", "One page up", _E),
    Key("events.page_down", "pagedown,ctrl+f", "page(1)", "page down", "One page down", _E),
    Key("events.first", "home", "first", "first", "To the first event", _E),
    Key("events.last", "end,G", "last", "follow", "To the newest event, and along with what is new", _E, shown=True),
    Key("events.open", "enter,l,right", "open", "open", "Show everything about the task of the event", _E, shown=True),
    Key("events.whole", "escape", "whole", "all events", "All events again, no filter", _E, shown=True),
    # time travel
    Key("travel.back", "comma", "step(-1)", "past", "Back to the event before: as it was then", _P, shown=True),
    Key("travel.on", "full_stop", "step(1)", "later", "On to the next event", _P),
    Key("travel.start", "less_than_sign", "step(-1000000000)", "to its start", "To the first event", _P),
    Key("travel.end", "greater_than_sign", "step(1000000000)", "to its end", "To the last event", _P),
    Key("travel.play", "space", "play", "play", "Play what happened, or stop there", _P, shown=True),
    Key("travel.now", "escape", "now", "now", "Back to the present", _P, shown=True),
    # what a task prints
    Key("output.find", "slash", "screen.find", "find", "Find text in what is printed", _O, shown=True),
    Key("output.next", "n", "found(1)", "next", "To the next place that was found", _O),
    Key("output.previous", "N", "found(-1)", "previous", "To the place before", _O),
    Key("output.follow", "f", "follow", "follow", "Go along with what is printed, or stay here", _O, shown=True),
    Key("output.wrap", "w", "wrap", "wrap", "Break long lines, or not", _O, shown=True),
    Key("output.out", "1", "stream('stdout')", "stdout", "Only what it prints to stdout", _O),
    Key("output.err", "2", "stream('stderr')", "stderr", "Only what it prints to stderr", _O),
    Key("output.both", "3", "stream('')", "both", "What it prints to both", _O),
    Key("output.turn", "o", "next_stream", "out/err", "stdout, stderr, or both: one after the other", _O, shown=True),
    Key("output.save", "s", "screen.save", "save", "Write the lines that are kept to a file", _O, shown=True),
    Key("output.up", "up,k", "move(-1)", "up", "One row up", _O),
    Key("output.down", "down,j", "move(1)", "down", "One row down", _O),
    Key("output.page_up", "pageup,ctrl+b", "page(-1)", "page up", "One page up", _O),
    Key("output.page_down", "pagedown,ctrl+f,space", "page(1)", "page down", "One page down", _O),
    Key("output.first", "home,g", "first", "first", "To the first line that is kept", _O),
    Key("output.last", "end,G", "last", "last", "To the end, and along with what is printed", _O),
    Key("output.left", "left,h", "pan(-1)", "left", "Lines that are not broken: to their left", _O),
    Key("output.right", "right,l", "pan(1)", "right", "Lines that are not broken: to their right", _O),
    Key("output.back", "escape", "screen.back", "back", "Back to the task", _O, shown=True),
    # a search in the graph
    Key("search.down", "down", "step(1)", "next", "To the next match", _S),
    Key("search.next", "enter", "step(1)", "next", "To the next match; what hides it is opened", _S, True),
    Key("search.previous", "up", "step(-1)", "previous", "To the match before", _S, True),
    Key("search.end", "escape", "leave", "end", "End the search and stay there", _S, shown=True),
    # the filter
    Key("filter.down", "down", "keep", "to the list", "Keep the filter and go to the list", Place.FILTER),
    Key("filter.keep", "enter", "keep", "keep", "Keep the filter and go to the list", Place.FILTER, shown=True),
    Key("filter.clear", "escape", "clear", "clear", "Drop the filter", Place.FILTER, shown=True),
    # dialogs
    Key("dialog.close", "escape", "close", "close", "Close without doing anything", Place.DIALOG, shown=True),
    Key("dialog.left", "left", "app.focus_previous", "before", "To the button before", Place.DIALOG),
    Key("dialog.right", "right", "app.focus_next", "next", "To the next button", Place.DIALOG),
    Key("tick.tick", "space,enter", "tick", "tick", "Tick it, or not", Place.TICK, shown=True),
)


def of(place: Place) -> tuple[Key, ...]:
    """The keys of a place that do something."""
    return tuple(key for key in KEYS if key.place is place and key.action)
