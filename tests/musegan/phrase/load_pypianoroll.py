"""Prints all that pypianoroll reads of each file, for pypianoroll_test.cpp to compare."""
import sys

import numpy
import pypianoroll

for path in sys.argv[1:]:
    music = pypianoroll.load(path).validate()
    print("resolution", music.resolution, "name", music.name)
    print("tempo", music.tempo.dtype, *music.tempo)
    print("downbeat", music.downbeat.dtype, *numpy.flatnonzero(music.downbeat), "of", len(music.downbeat))
    for track in music.tracks:
        cells = track.pianoroll
        print(type(track).__name__, track.name, track.program, track.is_drum, cells.dtype, *cells.shape)
        for step, pitch in numpy.argwhere(cells):
            print(step, pitch)
