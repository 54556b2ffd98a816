"""Prints the tracks of each file as pypianoroll loads them, for multitrack_test.cpp to compare.

Not validated: pypianoroll 1.0.4 refuses the shape (T, 1) that it gives tempos itself.
"""
import sys

import numpy
import pypianoroll

for path in sys.argv[1:]:
    music = pypianoroll.load(path)
    downbeats = [] if music.downbeat is None else numpy.flatnonzero(music.downbeat)
    print("resolution", music.resolution, "downbeats", *downbeats)
    for track in music.tracks:
        print(track.name, track.program, track.is_drum, track.pianoroll.shape[0])
        for pitch, step in numpy.argwhere(track.pianoroll.T):
            print(pitch, step)
