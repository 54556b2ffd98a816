"""Prints the notes of MIDI files as mido reads their events: the other reader that io/midi.hpp is compared with.

    python3 mido_notes.py FILE...

Of each file a line "file PATH", or "file PATH: REASON" where mido refuses it, then a line per note:
onset, offset, track, channel, program, pitch, velocity, port. Events become notes by the rules in io/README.md.
"""

import sys

import mido


def is_notes_off(message):
    """All sound off, all notes off."""
    return message.type == "control_change" and message.control in (120, 123)


def read_events(path):
    """All events that notes depend on, as (tick, track, index, port, message)."""
    events, ends = [], []
    for track_number, track in enumerate(mido.MidiFile(path, clip=True).tracks):
        ports = {message.port for message in track if message.type == "midi_port"}
        tick, port, named, has_note, first = 0, 0, False, False, len(events)
        for message in track:
            tick += message.time
            if message.type == "midi_port":
                port = message.port
                # What stands in front, and before any note, belongs to the port if the track has one only.
                if not named and not has_note and len(ports) == 1:
                    events[first:] = [(*event[:3], port, event[4]) for event in events[first:]]
                named = True
            elif message.type in ("note_on", "note_off", "program_change") or is_notes_off(message):
                has_note |= message.type == "note_on" and message.velocity > 0
                events.append((tick, track_number, len(events), port, message))
        ends.append(tick)
    return events, ends


def place(note):
    """Where a note stands: by onset, track, channel, pitch, port, as read."""
    track, port, channel, pitch = note["key"]
    return note["onset"], track, channel, pitch, port, note["index"]


def notes_of(path):
    events, ends = read_events(path)
    notes, sounding = [], {}
    for tick, track, index, port, message in events:
        if message.type == "program_change":
            continue
        if is_notes_off(message):
            for key in [key for key in sounding if key[:3] == (track, port, message.channel)]:
                for note in sounding[key]:
                    if note["onset"] < tick:
                        note["offset"] = tick
                sounding[key] = [note for note in sounding[key] if note["offset"] is None]
            continue
        key = (track, port, message.channel, message.note)
        if message.type == "note_on" and message.velocity > 0:
            note = {"onset": tick, "offset": None, "key": key, "velocity": message.velocity, "index": index}
            notes.append(note)
            sounding.setdefault(key, []).append(note)
        elif sounding.get(key):
            # The note-off ends all that sound, except those that began at this tick, if there are others.
            earlier = [note for note in sounding[key] if note["onset"] < tick]
            ended = earlier or sounding[key]
            for note in ended:
                note["offset"] = tick
            sounding[key] = [note for note in sounding[key] if note["offset"] is None]
    for note in notes:
        if note["offset"] is None:
            note["offset"] = ends[note["key"][0]]
    # Programs of a port and channel, and the notes, all tracks merged in time.
    # A channel of another port without a program has that of port 0.
    said = {(event[3], event[4].channel) for event in events if event[4].type == "program_change"}
    program, timeline = {}, [(n["onset"], n["key"][0], n["index"], n) for n in notes]
    timeline += [(e[0], e[1], e[2], e) for e in events if e[4].type == "program_change"]
    for *_, item in sorted(timeline, key=lambda each: each[:3]):
        if isinstance(item, dict):
            port, channel = item["key"][1:3]
            item["program"] = program.get((port if (port, channel) in said else 0, channel), 0)
        else:
            program[item[3], item[4].channel] = item[4].program
    return [
        (note["onset"], note["offset"], track, channel, note["program"], pitch, note["velocity"], port)
        for note in sorted(notes, key=place)
        for track, port, channel, pitch in [note["key"]]
    ]


def main():
    for path in sys.argv[1:]:
        try:
            lines = [" ".join(map(str, note)) for note in notes_of(path)]
        except Exception as error:  # whatever mido throws at a file that it cannot read
            print(f"file {path}: {type(error).__name__} {' '.join(str(error).split())}")
            continue
        print(f"file {path}")
        print("".join(line + "\n" for line in lines), end="")


if __name__ == "__main__":
    main()
